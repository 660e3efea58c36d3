import type { Dirent } from "node:fs";
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { FOLDER_WEIGHTS } from "./lora-file.js";

/** Endings of LoRA files, the preferred ones first. */
export const LORA_ENDINGS = [".safetensors", ".pt", ".ckpt", ".bin"] as const;

/** Folders in folders that are looked into. */
const DEEPEST = 4;
/** Names that are looked at in all. */
const MOST_NAMES = 20_000;

/**
 * Looks for a LoRA by its name: a file of that name, whatever its ending, or a folder of that name with weights in it. What lies higher
 * wins, then the ending, then the alphabet. Links to folders are not followed, so that nothing outside is looked at.
 *
 * @param folders absolute; an earlier one wins. One that is not there holds nothing.
 * @returns an absolute path, or undefined
 */
export async function findLora(name: string, folders: readonly string[]): Promise<string | undefined> {
  const budget = { names: MOST_NAMES };
  for (const folder of folders) {
    let level = [folder];
    for (let depth = 0; depth < DEEPEST && level.length > 0; depth++) {
      const found: string[] = [];
      const below: string[] = [];
      for (const place of level) {
        const entries = await entriesOf(place, budget);
        const files = entries.filter((entry) => !entry.isDirectory() && isFileOf(name, entry.name));
        found.push(...files.map((entry) => join(place, entry.name)));
        for (const entry of entries.filter((other) => other.isDirectory() && !other.name.startsWith("."))) {
          const path = join(place, entry.name);
          if (entry.name === name && (await holdsWeights(path, budget))) found.push(path);
          below.push(path);
        }
      }
      if (found.length > 0) return found.sort(byPreference)[0];
      level = below.sort();
    }
  }
  return undefined;
}

async function entriesOf(folder: string, budget: { names: number }): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  try {
    for await (const entry of await opendir(folder, { bufferSize: 256 })) {
      if (budget.names-- <= 0) break;
      entries.push(entry);
    }
  } catch {
    // No such folder, or not ours to read: it holds nothing for us.
  }
  return entries;
}

async function holdsWeights(folder: string, budget: { names: number }): Promise<boolean> {
  const entries = await entriesOf(folder, budget);
  return entries.some((entry) => (FOLDER_WEIGHTS as readonly string[]).includes(entry.name));
}

function isFileOf(name: string, file: string): boolean {
  return file.startsWith(name) && (LORA_ENDINGS as readonly string[]).includes(file.slice(name.length).toLowerCase());
}

function byPreference(one: string, other: string): number {
  return rankOf(one) - rankOf(other) || (one < other ? -1 : 1);
}

function rankOf(path: string): number {
  const at = LORA_ENDINGS.findIndex((ending) => path.toLowerCase().endsWith(ending));
  return at < 0 ? LORA_ENDINGS.length : at;
}

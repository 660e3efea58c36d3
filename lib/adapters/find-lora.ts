import type { Dirent } from "node:fs";
import { opendir } from "node:fs/promises";
import { join } from "node:path";
import { FOLDER_WEIGHTS } from "./lora-file.js";

/** Endings of LoRA files, the preferred ones first. */
const ENDINGS = [".safetensors", ".pt", ".ckpt", ".bin"];
/** What a prompt can name. */
const NAME = /^[\w-]+(\.[\w-]+)*$/;
/** Folders in folders that are looked into. */
const DEEPEST = 4;
/** Names that are looked at in all. */
const MOST_NAMES = 20_000;

/** A LoRA in the user's folder. */
interface Candidate {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/**
 * Looks for a LoRA by its name: a file of that name, whatever its ending, or a folder of that name with weights in it. What lies higher
 * wins, then the ending, then the alphabet. Links to folders are not followed, so that nothing outside is looked at.
 *
 * @param folders absolute; an earlier one wins. One that is not there holds nothing.
 * @returns an absolute path, or undefined
 */
export async function findLora(name: string, folders: readonly string[]): Promise<string | undefined> {
  for await (const level of levels(folders)) {
    const [best] = level.filter((candidate) => candidate.name === name).sort(byPreference);
    if (best !== undefined) return best.path;
  }
  return undefined;
}

/** Names of the LoRAs there are, each once, sorted; those that no prompt can write are left out. */
export async function listLoras(folders: readonly string[]): Promise<string[]> {
  const names = new Set<string>();
  for await (const level of levels(folders)) for (const { name } of level) if (NAME.test(name)) names.add(name);
  return [...names].sort();
}

/** What lies in each folder, then what lies a folder deeper, and so on. */
async function* levels(folders: readonly string[]): AsyncGenerator<readonly Candidate[]> {
  const budget = { names: MOST_NAMES };
  for (const folder of folders) {
    let places: readonly string[] = [folder];
    for (let depth = 0; depth < DEEPEST && places.length > 0; depth++) {
      const found: Candidate[] = [];
      const below: string[] = [];
      for (const place of places) {
        const entries = await entriesOf(place, budget);
        if (place !== folder && entries.some(({ name }) => FOLDER_WEIGHTS.includes(name))) continue;
        for (const entry of entries) {
          const path = join(place, entry.name);
          const ending = ENDINGS.find((one) => entry.name.toLowerCase().endsWith(one));
          if (entry.isDirectory()) {
            if (await holdsWeights(path, budget)) found.push({ name: entry.name, path });
            if (!entry.name.startsWith(".")) below.push(path);
          } else if (ending !== undefined) {
            found.push({ name: entry.name.slice(0, -ending.length), path });
          }
        }
      }
      yield found;
      places = below.sort();
    }
  }
}

async function holdsWeights(folder: string, budget: { names: number }): Promise<boolean> {
  return (await entriesOf(folder, budget)).some(({ name }) => FOLDER_WEIGHTS.includes(name));
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

function byPreference(one: Candidate, other: Candidate): number {
  return rankOf(one) - rankOf(other) || (one.path < other.path ? -1 : 1);
}

/** Folders come last. */
function rankOf({ path }: Candidate): number {
  const at = ENDINGS.findIndex((ending) => path.toLowerCase().endsWith(ending));
  return at < 0 ? ENDINGS.length : at;
}

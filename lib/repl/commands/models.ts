import type { RegistryEntry } from "../../models/registry/registry.js";
import type { Command, Desk } from "./command.js";

/** Widths of the columns, as in invoke.py. */
const NAME = 25;
const STATUS = 10;
const FORMAT = 10;

export const models: Command = {
  name: "!models",
  prefix: "!models",
  usage: "!models",
  help: "lists the models that !switch knows, which of them are loaded, and what else is registered",
  async run(_argument, desk) {
    const { entries, tools } = await desk.catalogue.read();
    const { current } = desk.shelf;
    const isActive = (entry: RegistryEntry) => entry.name === current.id && entry.path === current.request.path;
    const sorted = [...entries.values()].sort(byName);
    const loaded = new Set((await desk.engine.status()).models.map((model) => model.path));
    const lines = sorted.map((entry) => {
      const status = isActive(entry) ? "active" : loaded.has(entry.path) ? "cached" : "not loaded";
      return row(entry.name, status, entry.format, oneLine(entry.description));
    });
    // Started with a path, or taken out of the file since.
    if (!sorted.some(isActive)) lines.push(row(current.id, "active", await layoutInUse(desk), current.request.path));
    for (const { name, kind, description } of [...tools.values()].sort(byName)) lines.push(row(name, "", kind, oneLine(description)));
    const emphasis = sorted.some(isActive) ? sorted.findIndex(isActive) : sorted.length;
    desk.emit({ type: "text", text: lines.join("\n"), emphasis });
    return "done";
  },
};

function byName(one: { readonly name: string }, other: { readonly name: string }): number {
  return one.name.toLowerCase() < other.name.toLowerCase() ? -1 : 1;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

function row(name: string, status: string, format: string, description: string): string {
  return `${name.padEnd(NAME)} ${status.padStart(STATUS)}  ${format.padEnd(FORMAT)} ${description}`.trimEnd();
}

async function layoutInUse(desk: Desk): Promise<string> {
  const { layout } = (await desk.shelf.active()).facts;
  return layout === "checkpoint" ? "ckpt" : layout;
}

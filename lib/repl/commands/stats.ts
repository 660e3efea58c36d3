import type { EngineStatus } from "../../engine/engine.js";
import { ownProcessMemory, type ProcessMemory } from "../../engine/process-memory.js";
import type { ModelStatus, StageSeconds } from "../../engine/protocol.js";
import { byteText } from "./byte-text.js";
import type { Command, Desk } from "./command.js";

/** A name in the first column, the rest in the second. */
type Row = readonly [name: string, text: string];

export const stats: Command = {
  name: "!stats",
  prefix: "!stats",
  usage: "!stats",
  help: "time per stage, memory, what is loaded",
  details: "Seconds of the stages are those of the engine; pictures that were stopped are not counted, those that\n!verify drew are.",
  async run(_argument, desk) {
    const status = await desk.engine.status();
    const rows = [...timeRows(status), ...(await modelRows(status, desk)), ...memoryRows(status)];
    const width = Math.max(...rows.map(([name]) => name.length));
    desk.say(rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`.trimEnd()).join("\n"));
    return "done";
  },
};

function timeRows({ pictures, lastPicture, totals, lastLoadSeconds }: EngineStatus): Row[] {
  const rows: Row[] = [["pictures drawn", String(pictures)]];
  if (lastPicture !== undefined) rows.push(["last picture", stages(lastPicture)]);
  if (pictures > 1) rows.push(["all pictures", stages(totals)]);
  if (lastLoadSeconds !== undefined) rows.push(["loading the model", seconds(lastLoadSeconds)]);
  return rows;
}

function stages({ conditioning, sampling, decoding }: StageSeconds): string {
  const sum = conditioning + sampling + decoding;
  return `${seconds(sum)}: prompt ${seconds(conditioning)}, sampling ${seconds(sampling)}, decoding ${seconds(decoding)}`;
}

function seconds(value: number): string {
  return `${value.toFixed(2)}s`;
}

async function modelRows({ models, sessions, current }: EngineStatus, desk: Desk): Promise<Row[]> {
  const names = await namesByPath(desk);
  const listed = models.map((model): Row => [model.active ? "model in use" : "model kept", modelText(model, names)]);
  const loaded: Row[] = listed.length > 0 ? listed : [["model in use", "none is loaded"]];
  return [...loaded, ["sessions", `${sessions} of onnxruntime${current ? "" : " when the engine last had time to say so"}`]];
}

function modelText({ path, family, memoryMode, weightBytes }: ModelStatus, names: ReadonlyMap<string, string>): string {
  return `${names.get(path) ?? path}: ${family}, ${memoryMode} memory mode, ${byteText(weightBytes)} of weights`;
}

/** The engine knows paths only. Without a readable registry they will do. */
async function namesByPath({ catalogue, shelf }: Desk): Promise<ReadonlyMap<string, string>> {
  const entries = await catalogue.read().then(
    (registry) => [...registry.entries.values()],
    () => [],
  );
  return new Map([...entries.map(({ path, name }) => [path, name] as const), [shelf.current.request.path, shelf.current.id]]);
}

function memoryRows(status: EngineStatus): Row[] {
  const text = ({ rssBytes, peakRssBytes }: ProcessMemory) => `${byteText(rssBytes)}, at most ${byteText(peakRssBytes)} so far`;
  const engine = status.rssBytes === 0 ? "the engine is not running" : text(status);
  return [
    ["memory, engine", engine],
    ["memory, program", text(ownProcessMemory())],
  ];
}

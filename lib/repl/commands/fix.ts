import { createHash } from "node:crypto";
import { basename } from "node:path";
import { DreamError } from "../../errors.js";
import { decodePicture } from "../../images/decode-picture.js";
import { encodePng } from "../../images/encode-png.js";
import { PictureNames } from "../../images/file-names.js";
import { logPicture } from "../../images/log.js";
import { prepareOutputFolder } from "../../images/output-folder.js";
import { type PictureFile, textsOf } from "../../images/picture-file.js";
import type { PngText } from "../../images/png-text.js";
import { postprocessedTexts } from "../../images/postprocessed-texts.js";
import { printRecorded, recordedLine } from "../../images/print-recorded.js";
import { readRecorded, seedFromName } from "../../images/read-command.js";
import { type ParsedLine, parseLine } from "../../options/read.js";
import type { LineValues } from "../../options/table.js";
import { freshSeed } from "../../random/seeds.js";
import { Enlarger } from "../enlarger.js";
import type { Command, Desk, LineResult } from "./command.js";
import { locateFile } from "./locate-file.js";
import { type FixPlan, planFix } from "./plan-fix.js";
import { readNamedPicture } from "./read-named-picture.js";

const LARGEST_SEED = 0xffff_ffff;

/** A picture to mend, and what is known of how it was made. */
interface Source {
  readonly file: PictureFile;
  readonly texts: readonly PngText[];
  readonly seed: number;
  readonly prompt: string;
  /** What the recorded line repeats of it. */
  readonly values: LineValues;
  readonly modelId?: string;
}

export const fix: Command = {
  name: "!fix",
  prefix: "!fix",
  usage: "!fix FILE -U FACTOR [SHARE]\n!fix FILE -G SHARE [-ft gfpgan|codeformer]",
  help: "enlarges a finished picture; mending faces is not available yet",
  details:
    "-U enlarges with the registered upscaler, else with the Lanczos filter, mixed with a softer enlargement when SHARE is below 1 (0.75 when\n" +
    "absent). -G needs a face model, and none can be installed yet. A name without a folder is looked for in the folder of pictures, then in the working directory. The picture\n" +
    "stays as it is; the new one carries its command and what was done. -o and -z say where and how it is written, -S names it.",
  async run(argument, desk) {
    const line = parseLine(argument);
    if (line.help) return desk.runLine("!help !fix");
    if (line.prompt === "") throw new DreamError("usage/line", "please name a picture: !fix FILE -U 2");
    const plan = planFix(line);
    for (const notice of plan.notices) desk.say(`>> ${notice}`);
    const path = locateFile(line.prompt, [desk.outdir, "."]);
    desk.say(`>> fixing ${path}`);
    const source = sourceOf(await readNamedPicture(path, line.prompt), line.seed);
    desk.say(`>> retrieved seed ${source.seed} and prompt "${source.prompt}"`);
    return upscale(source, plan, line, desk);
  },
};

async function upscale(source: Source, plan: FixPlan, line: ParsedLine, desk: Desk): Promise<LineResult> {
  const { file, seed } = source;
  const { factor, strength } = plan;
  const started = performance.now();
  const outdir = line.outdir || desk.outdir;
  await prepareOutputFolder(outdir);
  const enlarger = await Enlarger.choose(desk);
  if (enlarger === undefined) {
    throw new DreamError("usage/line", "ESRGAN is disabled. Image not upscaled: the program was started with --no_upscale");
  }
  const picture = await decodePicture(file.bytes, file.path);
  for (const note of picture.notes) desk.say(`>> ${note}`);
  for (const problem of plan.problems) desk.emit({ type: "problem", text: `** ${problem}` });
  // The engine does one thing at a time, and the first model may still be loading. Whether it can be loaded does not matter here.
  await desk.shelf.active().catch(() => undefined);
  const enlarged = await enlarger.enlarge(picture, [factor, strength], seed);
  const dream = fixCommand(source, plan);
  const step = { tool: "upscale", dreamCommand: dream, method: enlarger.method };
  const origin = { path: file.path, hash: createHash("sha256").update(file.bytes).digest("hex"), texts: source.texts };
  const texts = postprocessedTexts(origin, step, { appId: desk.app.id, appVersion: desk.app.version });
  const png = await encodePng(enlarged, texts, line.pngCompression ?? desk.launch.pngCompression);
  const path = await write(outdir, seed, png);
  desk.emit({ type: "picture", picture: { path, png } });
  desk.studio.list([{ path, dream }], [{ seed, path }], (performance.now() - started) / 1000);
  await logPicture(outdir, path, dream);
  return plan.problems.length === 0 ? "done" : "failed";
}

async function write(outdir: string, seed: number, png: Uint8Array): Promise<string> {
  const names = new PictureNames(outdir);
  try {
    return await names.writeFixed(seed, "upscale", png);
  } finally {
    await names.close();
  }
}

/** The texts of a picture that cannot be understood are no reason not to enlarge it. */
function sourceOf(file: PictureFile, asked: number | undefined): Source {
  const texts = textsOf(file);
  const recorded = readRecorded(texts);
  const parsed = recorded && recordedLine(recorded);
  const seed = asked ?? parsed?.seed ?? seedFromName(basename(file.path)) ?? 0;
  const isDrawn = recorded?.verb === undefined;
  const { steps, width, height, cfgScale, sampler } = parsed ?? {};
  return {
    file,
    texts,
    // What is no seed asks for any, as in the reference.
    seed: seed >= 0 && seed <= LARGEST_SEED ? seed : freshSeed(),
    prompt: isDrawn ? (parsed?.prompt ?? "") : "",
    values: { steps, width, height, cfgScale, sampler },
    modelId: recorded?.modelId,
  };
}

/** The line that does it again, as the reference records it. */
function fixCommand({ file, seed, values, modelId }: Source, { factor, strength }: FixPlan): string {
  return printRecorded({
    dialect: "dream",
    verb: "!fix",
    prompt: file.path,
    values: { ...values, seed, upscale: [factor, strength] },
    notes: [],
    modelId,
    postprocessing: [],
  });
}

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openModel } from "../../lib/models/open-model.js";
import { createNetworks } from "../../lib/networks/network-sessions.js";
import { History } from "../../lib/repl/history/history.js";
import { MINIATURE } from "../support/run-program.js";
import { PictureFolderInspector } from "./picture-folder.js";
import { claim, inTemporaryFolder, until } from "./rounds.js";
import { mountSmallDisk, type SmallDisk } from "./small-disk.js";
import { type RunningProgram, startDream } from "./start-program.js";

/*
 * Claim: what the world does to a running program costs the line that meets it, and no more. The line ends in one sentence that names the
 * file and the reason, the lines after it are done, a batch ends with status 1, and nothing half-written has a final name.
 */
type Fault = (folder: string) => Promise<string>;

const SENTENCE = /^\*\* [^\n]+\n$/;
/** Pictures of the miniature: 64 x 64, about 10 kB. */
const LINE = "-s1 -W64 -H64";
const DISK = 1024 * 1024;

const FAULTS: Readonly<Record<string, Fault>> = {
  "the disk is full": (folder) =>
    onSmallDisk(folder, async (disk) => {
      const outdir = join(disk.folder, "out");
      mkdirSync(outdir);
      disk.fill(60_000);
      const batch = startDream(
        ["--model", MINIATURE, "-o", outdir],
        Array.from({ length: 8 }, (_, i) => `full ${i} ${LINE}`),
      );
      claim((await batch.ended) === 1, "the batch claims success");
      const problems = sentences(batch);
      claim(problems.length > 0 && problems.length < 8, `${problems.length} of 8 lines failed`);
      claim(
        problems.every((text) => /^\*\* cannot write \S+: the disk is full; free some space or choose/.test(text)),
        problems.join("\n"),
      );
      const inspector = new PictureFolderInspector(outdir);
      const { leftovers } = await inspector.look({ cutLogs: true });
      claim(leftovers.length === 0, `these are left: ${leftovers.join()}`);
      rmSync(join(disk.folder, "filler"));
      const later = startDream(["--model", MINIATURE, "-o", outdir], [`room again ${LINE}`]);
      claim((await later.ended) === 0, later.errors());
      const { newPictures, unlogged } = await inspector.look({ cutLogs: true });
      claim(newPictures.length === 1 && !unlogged.includes(newPictures[0] as string), "the picture made later is not logged");
      return problems[0] as string;
    }),

  "the history's disk is full": (folder) =>
    onSmallDisk(folder, async (disk) => {
      const warnings: string[] = [];
      const history = new History(disk.folder, (text) => warnings.push(text));
      history.load();
      history.append("kept");
      disk.fill(0);
      for (let number = 0; number < 3; number++) history.append(`too long ${"x".repeat(8192)} ${number}`);
      claim(warnings.length === 1 && /could not be written \(ENOSPC\)/.test(warnings[0] as string), warnings.join());
      claim(history.lines.length === 4, "the session lost a line");
      rmSync(join(disk.folder, "filler"));
      new History(disk.folder, (text) => warnings.push(text)).append("later");
      const lines = readFileSync(join(disk.folder, ".dream_history"), "utf8").split("\n");
      claim(lines[0] === "kept" && lines.at(-2) === "later" && warnings.length === 1, "the file does not go on");
      return warnings[0] as string;
    }),

  "the output folder becomes read-only": (folder) =>
    onSmallDisk(folder, async (disk) => {
      const program = startDream(["--model", MINIATURE, "-o", disk.folder]);
      await run(program, `writable ${LINE}`, "[1] ");
      disk.makeReadOnly();
      await run(program, `read-only ${LINE}`, /^\*\* /m);
      disk.makeWritable();
      await run(program, `writable again ${LINE}`, "[2] ");
      return failedOnce(program, disk.folder, 2, /the file system is read-only/);
    }),

  "the output folder is removed between two lines": async (folder) => {
    const outdir = join(folder, "out");
    const program = startDream(["--model", MINIATURE, "-o", outdir]);
    await run(program, `one ${LINE}`, "[1] ");
    rmSync(outdir, { recursive: true });
    await run(program, `two ${LINE}`, "[2] ");
    program.endLines();
    claim((await program.ended) === 0 && program.errors() === "", program.errors());
    claim((await new PictureFolderInspector(outdir).look()).newPictures.length === 1, "the second picture is missing");
    return "(made again)";
  },

  "the output folder is removed while a picture is made": async (folder) => {
    const outdir = join(folder, "out");
    const program = startDream(["--model", MINIATURE, "-o", outdir]);
    program.type("a series -n3 -s30 -W64 -H64\n");
    await until(() => existsSync(join(outdir, "dream_log.md")));
    rmSync(outdir, { recursive: true });
    await run(program, `after ${LINE}`, "#after");
    program.endLines();
    claim((await program.ended) === 0 && program.errors() === "", program.errors());
    const { newPictures } = await new PictureFolderInspector(outdir).look();
    claim(newPictures.length === 3, `${newPictures.length} pictures are there, not the two later ones of the series and the last`);
    return "(made again)";
  },

  "the log is a folder": async (folder) => {
    const outdir = join(folder, "out");
    mkdirSync(join(outdir, "dream_log.txt"), { recursive: true });
    const batch = startDream(["--model", MINIATURE, "-o", outdir], [`a series -n3 ${LINE}`, `one more ${LINE}`]);
    claim((await batch.ended) === 1, "the batch claims success");
    const problems = sentences(batch);
    claim(problems.length === 2 && problems.every((text) => /dream_log\.txt: it is a folder, not a file/.test(text)), batch.errors());
    claim(readdirSync(outdir).filter((name) => name.endsWith(".png")).length === 4, "pictures are missing");
    return problems[0] as string;
  },

  "the registry is read-only": (folder) =>
    onSmallDisk(folder, async (disk) => {
      const registry = join(disk.folder, "models.yaml");
      const text = `# mine\ntiny:\n  path: ${MINIATURE}\n  format: diffusers\n  default: true\n`;
      writeFileSync(registry, text);
      disk.makeReadOnly();
      const outdir = join(folder, "out");
      const lines = ['!edit_model tiny --description "new"', `still alive ${LINE}`];
      const batch = startDream(["--config", registry, "-o", outdir], lines);
      claim((await batch.ended) === 1 && SENTENCE.test(batch.errors()), batch.errors());
      claim(/models\.yaml cannot be written: the file system is read-only/.test(batch.errors()), batch.errors());
      claim((await new PictureFolderInspector(outdir).look()).newPictures.length === 1, "the line after it was not done");
      claim(readFileSync(registry, "utf8") === text && readdirSync(disk.folder).length === 1, "something was left beside the registry");
      return batch.errors().trim();
    }),

  "the model switched to is gone": async (folder) => {
    const [kept, gone] = [join(folder, "kept"), join(folder, "gone")];
    for (const path of [kept, gone]) cpSync(MINIATURE, path, { recursive: true });
    const outdir = join(folder, "out");
    const program = startDream(["--model", kept, "-o", outdir]);
    await run(program, `!switch ${gone}`, /Model loaded in[\s\S]*Model loaded in/);
    await run(program, `!switch ${kept}`, /(?:Model loaded in[\s\S]*){3}/);
    rmSync(gone, { recursive: true });
    await run(program, `!switch ${gone}`, /^\*\* /m);
    await run(program, `still ${LINE}`, "[1] ");
    return failedOnce(program, outdir, 1, /gone/);
  },

  "the model in use is gone": async (folder) => {
    const model = join(folder, "model");
    cpSync(MINIATURE, model, { recursive: true });
    const outdir = join(folder, "out");
    const program = startDream(["--model", model, "-o", outdir]);
    // The decoder's weights are read with the first picture.
    await run(program, `first ${LINE}`, "[1] ");
    rmSync(model, { recursive: true });
    await run(program, `same size ${LINE}`, /\[2\] |^\*\* /m);
    await run(program, "other size -s1 -W128 -H64", /\[3\] |^\*\* /m);
    cpSync(MINIATURE, model, { recursive: true });
    await run(program, `back ${LINE}`, "#back");
    program.endLines();
    await program.ended;
    const problems = sentences(program);
    claim(
      problems.every((text) => text.startsWith("** ") && text.includes(model) && !/internal|ENOENT/.test(text)),
      program.errors(),
    );
    const { newPictures } = await new PictureFolderInspector(outdir).look();
    claim(newPictures.length === 4 - problems.length, `${newPictures.length} pictures and ${problems.length} problems`);
    return problems[0] ?? "(everything needed was in memory)";
  },

  "the cache's folder is read-only": (folder) =>
    onSmallDisk(folder, async (disk) => {
      disk.makeReadOnly();
      const modelCache = join(disk.folder, "cache");
      const outdir = join(folder, "out");
      const batch = startDream(["--model", MINIATURE, "--model_cache", modelCache, "-o", outdir], [`cached ${LINE}`]);
      claim((await batch.ended) === 0 && batch.errors() === "", batch.errors());
      // Small models need no cache; this one says that it is large.
      const components = await openModel(MINIATURE);
      claim(components.layout !== "onnx", "the miniature is no folder of graphs");
      const notices: string[] = [];
      const onNotice = (text: string) => notices.push(text);
      const large = { ...components, parameterBytes: 1e9 };
      const networks = await createNetworks(large, { threads: 1, memory: "lean", modelCache, seamless: "", onNotice });
      await networks.unet.prepare({ batch: 2, height: 8, width: 8 });
      await networks.unet.release();
      claim(
        notices.length === 1 && /^the model cache cannot be used \(.*\); reading the file in place$/.test(notices[0] as string),
        notices.join(),
      );
      return notices[0] as string;
    }),

  "the lines end in the middle of one": async (folder) => {
    const outdir = join(folder, "out");
    const program = startDream(["--model", MINIATURE, "-o", outdir]);
    program.type(`whole ${LINE}\nhalf a li`);
    program.endLines();
    claim((await program.ended) === 0 && program.errors() === "", program.errors());
    claim((await new PictureFolderInspector(outdir).look()).newPictures.length === 2, "a line was not done");
    return "(what was there is a line)";
  },

  "nobody reads the output": async (folder) => {
    const outdir = join(folder, "out");
    const program = startDream(["--model", MINIATURE, "-o", outdir], new Array<string>(500).fill(`read me ${LINE}`));
    await until(() => program.output().includes("[1] "));
    program.stopListening();
    claim((await program.ended) === 1 && program.errors() === "", program.errors());
    const { newPictures, leftovers } = await new PictureFolderInspector(outdir).look();
    claim(newPictures.length < 500 && leftovers.length === 0, `${newPictures.length} pictures, left ${leftovers.join()}`);
    return "(ends quietly)";
  },
};

await inTemporaryFolder(async (root) => {
  for (const [name, fault] of Object.entries(FAULTS)) console.log(`${name}:\n    ${await fault(mkdtempSync(join(root, "fault-")))}`);
});

async function onSmallDisk(folder: string, work: (disk: SmallDisk) => Promise<string>): Promise<string> {
  const disk = mountSmallDisk(join(folder, "disk"), DISK);
  if (disk === undefined) return "(left out: file systems may not be mounted here)";
  try {
    return await work(disk);
  } finally {
    disk.remove();
  }
}

/** Types a line and waits until the program has said something on either stream that it had not said before. */
async function run(program: RunningProgram, line: string, said: string | RegExp): Promise<void> {
  program.type(`${line}\n`);
  const all = () => program.output() + program.errors();
  await until(() => (typeof said === "string" ? all().includes(said) : said.test(all())));
}

function sentences(program: RunningProgram): readonly string[] {
  return program.errors().split("\n").slice(0, -1);
}

/** Ends a program of which exactly one line failed. */
async function failedOnce(program: RunningProgram, outdir: string, pictures: number, reason: RegExp): Promise<string> {
  program.endLines();
  claim((await program.ended) === 1, "the program claims success");
  claim(SENTENCE.test(program.errors()) && reason.test(program.errors()), program.errors());
  const { newPictures, leftovers } = await new PictureFolderInspector(outdir).look();
  claim(newPictures.length === pictures && leftovers.length === 0, `${newPictures.join()} are there, left ${leftovers.join()}`);
  return program.errors().trim();
}

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { AdaptableLayers } from "../../lib/adapters/adaptable-layers.js";
import { readLora } from "../../lib/adapters/read-lora.js";
import { openTorchSource } from "../../lib/checkpoints/pickle/open-torch-file.js";
import { INIT_FILE, readInitFile } from "../../lib/cli/init-file.js";
import { DreamError } from "../../lib/errors.js";
import { readCommand } from "../../lib/images/metadata/read-command.js";
import { readLogLine } from "../../lib/images/metadata/read-log.js";
import { readEmbeddingFile } from "../../lib/models/embeddings/embedding-file.js";
import { openModel } from "../../lib/models/open-model.js";
import { addDelta } from "../../lib/networks/weight-delta.js";
import { readPorts } from "../../lib/onnx/read-ports.js";
import { History } from "../../lib/repl/history/history.js";
import { MINIATURES, ORACLES } from "../oracles/read-oracle.js";
import { hostileLines } from "../support/hostile-lines.js";
import { pngWithChunks, textChunk } from "../support/png-with-chunks.js";
import { damagedBytes, damagedText } from "./damage.js";
import { claim, inTemporaryFolder } from "./rounds.js";

/*
 * Claim: whatever a history file, a log, the texts of a picture, an initialization file, a file by torch, an exported graph or a LoRA hold, their
 * readers give lines that a terminal can show, or tensors, or inputs and outputs, or finite changes of a model's weights, or refuse with a sentence of our own; none of them throws anything
 * else, and none takes longer than two seconds of processor time.
 */
const SECONDS = 20;
const LIMIT_MS = 2000;
const BATCH = 200;
const CONTROL = /(?!\t)[\p{Cc}\u2028\u2029]/u;

/** What programs of this family and others write into their pictures. */
const TEXTS: readonly (readonly [keyword: string, text: string])[] = [
  ["Dream", '"a {cat} [fog]" -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms -I "x y.png" -f 0.7 -V 784039624:0.2,1:1.0 # model_id=x'],
  ["Dream", '!fix "000001.5.png" -U 2 0.75 -G 0.8 -ft codeformer'],
  [
    "sd-metadata",
    '{"model":"stable diffusion","model_id":"x","app_version":"2.2","image":{"prompt":[{"prompt":"a cat","weight":1}],"steps":50,' +
      '"cfg_scale":7.5,"width":512,"height":512,"seed":42,"seamless":false,"variations":[{"seed":1,"weight":0.2}],"sampler":"k_lms",' +
      '"type":"img2img","strength":0.75,"postprocessing":[{"type":"esrgan","scale":2,"strength":0.75}]}}',
  ],
  [
    "parameters",
    "a ((cat)), (fog:1.2) <lora:x:0.5>\nNegative prompt: dog\nSteps: 20, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 42, Size: 512x768",
  ],
  ["meta", '{"prompt":"a cat","seed":"42","steps":"20","cfg":"7","sampler":"k_euler","negativePrompt":"dog"}'],
];

const damagedPicture = fc
  .tuple(
    fc.constantFrom(...TEXTS).chain(([keyword, text]) => damagedText(text).map((damaged) => [keyword, damaged] as const)),
    fc.constantFrom(...Object.values(textChunk)),
    fc.boolean(),
  )
  .map(([[keyword, text], chunk, isBehind]) =>
    pngWithChunks(isBehind ? [] : [chunk(keyword, text)], isBehind ? [chunk(keyword, text)] : []),
  );

const historyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }),
  fc.array(hostileLines, { maxLength: 30 }).map((lines) => Buffer.from(lines.join("\n"))),
  fc.array(hostileLines, { maxLength: 30 }).chain((lines) => damagedBytes(Buffer.from(lines.join("\r\n")))),
);

const INIT_TEXT = `# my switches
--outdir='./my pictures' -W512 --height=768
--steps 30 --sampler k_euler_a --no-patchmatch --model "stable-diffusion-1.5"
--web --host=0.0.0.0
`;
const initBytes = fc.oneof(
  fc.array(hostileLines, { maxLength: 5 }).map((lines) => Buffer.from(lines.join("\n"))),
  damagedText(INIT_TEXT).map((text) => Buffer.from(text)),
  damagedBytes(Buffer.from(INIT_TEXT)),
);

const TORCH_FILES = ["pickle/zip.pt", "pickle/legacy.pt", "pickle/deflated.pt", "pickle/wrapped.ckpt", "embeddings/files/original.pt"];
const torchBytes = fc.oneof(...TORCH_FILES.map((name) => damagedBytes(readFileSync(join(ORACLES, name)))));

const GRAPHS = ["faces/codeformer.onnx", "faces/gfpgan.onnx", "faces/yunet.onnx", "upscalers/compact-x2.onnx"];
const graphBytes = fc.oneof(...GRAPHS.map((name) => damagedBytes(readFileSync(join(ORACLES, name)))));

const LORAS = ["kohya", "tucker", "loha", "lokr", "diffusers"];
const loraBytes = fc.oneof(...LORAS.map((name) => damagedBytes(readFileSync(join(ORACLES, "lora", `${name}.safetensors`)))));

await inTemporaryFolder(async (folder) => {
  await spend("texts of pictures", damagedPicture, async (png) => {
    const found = await refusedOr(() => readCommand(png, "x.png"));
    if (found !== undefined) claim(!CONTROL.test(found.line), `a control character in ${JSON.stringify(found.line)}`);
    return found !== undefined;
  });

  await spend(
    "pictures with damaged bytes",
    damagedPicture.chain((png) => damagedBytes(png)),
    async (png) => {
      const found = await refusedOr(() => readCommand(png, "x.png"));
      if (found !== undefined) claim(!CONTROL.test(found.line), `a control character in ${JSON.stringify(found.line)}`);
      return found !== undefined;
    },
  );

  await spend(
    "lines of logs",
    fc.constantFrom(...TEXTS).chain(([, text]) => damagedText(`outputs/000001.5.png: ${text}`)),
    async (line) => {
      const command = await refusedOr(() => readLogLine(line));
      if (command !== undefined) claim(!CONTROL.test(command) || CONTROL.test(line), `a control character in ${JSON.stringify(command)}`);
      return command !== undefined;
    },
  );

  const place = mkdtempSync(join(folder, "history-"));
  await spend("histories", historyBytes, async (bytes) => {
    writeFileSync(join(place, ".dream_history"), bytes);
    const loaded = new History(place, () => {}).load();
    claim(
      loaded.every((line) => line !== "" && !/\p{Cc}/u.test(line)),
      `not fit for a terminal: ${JSON.stringify(loaded)}`,
    );
    new History(place, (text) => claim(false, text)).append("still there");
    claim(new History(place, (text) => claim(false, text)).load().at(-1) === "still there", "the line that was added is missing");
    return loaded.length > 0;
  });

  const root = mkdtempSync(join(folder, "root-"));
  await spend("initialization files", initBytes, async (bytes) => {
    writeFileSync(join(root, INIT_FILE), bytes);
    return (await refusedOr(() => readInitFile(root, root))) !== undefined;
  });

  const file = join(mkdtempSync(join(folder, "torch-")), "x.pt");
  await spend("files by torch", torchBytes, async (bytes) => {
    writeFileSync(file, bytes);
    const source = await refusedOr(() => openTorchSource(file));
    const embeddings = await refusedOr(() => readEmbeddingFile(file));
    return source !== undefined || embeddings !== undefined;
  });

  const graph = join(mkdtempSync(join(folder, "onnx-")), "x.onnx");
  await spend("exported graphs", graphBytes, async (bytes) => {
    writeFileSync(graph, bytes);
    return (await refusedOr(() => readPorts(graph))) !== undefined;
  });

  const model = await openModel(join(MINIATURES, "sd1"));
  if (model.layout === "onnx") throw new Error("not a model with weights");
  const layers = new AdaptableLayers(model);
  const lora = join(mkdtempSync(join(folder, "lora-")), "x.safetensors");
  await spend("LoRAs", loraBytes, async (bytes) => {
    writeFileSync(lora, bytes);
    const read = await refusedOr(() => readLora(lora, layers));
    for (const [layer, deltas] of [...(read?.unet ?? []), ...(read?.textEncoder ?? [])]) {
      const { shape } = layers.find("unet", layer.replaceAll(".", "_")) ?? layers.find("textEncoder", layer.replaceAll(".", "_")) ?? {};
      const weight = new Float32Array((shape ?? []).reduce((product, extent) => product * extent, 1));
      for (const delta of deltas) addDelta(weight, shape?.[0] ?? 0, delta);
      claim(!weight.some(Number.isNaN), `no number in the change of ${layer}`);
    }
    return read !== undefined;
  });
});

/** Gives one reader damaged input for its time. @param read returns whether something could be read */
async function spend<Input>(name: string, inputs: fc.Arbitrary<Input>, read: (input: Input) => Promise<boolean>): Promise<void> {
  const started = performance.now();
  let [count, useful, slowest] = [0, 0, 0];
  while (performance.now() - started < SECONDS * 1000) {
    const property = fc.asyncProperty(inputs, async (input) => {
      const before = process.cpuUsage();
      if (await read(input)) useful++;
      const { user, system } = process.cpuUsage(before);
      const milliseconds = (user + system) / 1000;
      slowest = Math.max(slowest, milliseconds);
      claim(milliseconds < LIMIT_MS, `${milliseconds.toFixed(0)} ms`);
      count++;
    });
    await fc.assert(property, { numRuns: BATCH });
  }
  console.log(`${name}: ${count} in ${SECONDS} s, ${useful} gave something, the slowest took ${slowest.toFixed(0)} ms`);
}

/** @returns undefined when it was refused with a sentence */
async function refusedOr<Result>(read: () => Result | Promise<Result>): Promise<Result | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof DreamError)) throw error;
    claim(error.sentence.trim() !== "" && error.sentence.length < 2000, `no sentence: ${error.sentence}`);
    return undefined;
  }
}

import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { DreamError } from "../../lib/errors.js";
import { readCommand } from "../../lib/images/read-command.js";
import { readLogLine } from "../../lib/images/read-log.js";
import { History } from "../../lib/repl/history.js";
import { hostileLines } from "../support/hostile-lines.js";
import { pngWithChunks, textChunk } from "../support/png-with-chunks.js";
import { processorTime } from "../support/processor-time.js";
import { damagedBytes, damagedText } from "./damage.js";
import { claim, inTemporaryFolder } from "./rounds.js";

/*
 * Claim: whatever a history file, a log or the texts of a picture hold, their readers give lines that a terminal can show, or refuse with
 * a sentence of our own; none of them throws anything else, and none takes longer than two seconds of processor time.
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

await inTemporaryFolder(async (folder) => {
  spend("texts of pictures", damagedPicture, (png) => {
    const found = refusedOr(() => readCommand(png, "x.png"));
    if (found !== undefined) claim(!CONTROL.test(found.line), `a control character in ${JSON.stringify(found.line)}`);
    return found !== undefined;
  });

  spend(
    "pictures with damaged bytes",
    damagedPicture.chain((png) => damagedBytes(png)),
    (png) => {
      const found = refusedOr(() => readCommand(png, "x.png"));
      if (found !== undefined) claim(!CONTROL.test(found.line), `a control character in ${JSON.stringify(found.line)}`);
      return found !== undefined;
    },
  );

  spend(
    "lines of logs",
    fc.constantFrom(...TEXTS).chain(([, text]) => damagedText(`outputs/000001.5.png: ${text}`)),
    (line) => {
      const command = refusedOr(() => readLogLine(line));
      if (command !== undefined) claim(!CONTROL.test(command) || CONTROL.test(line), `a control character in ${JSON.stringify(command)}`);
      return command !== undefined;
    },
  );

  const place = mkdtempSync(join(folder, "history-"));
  spend("histories", historyBytes, (bytes) => {
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
});

/** Gives one reader damaged input for its time. @param read returns whether something could be read */
function spend<Input>(name: string, inputs: fc.Arbitrary<Input>, read: (input: Input) => boolean): void {
  const started = performance.now();
  let [count, useful, slowest] = [0, 0, 0];
  while (performance.now() - started < SECONDS * 1000) {
    const property = fc.property(inputs, (input) => {
      const milliseconds = processorTime(() => {
        if (read(input)) useful++;
      });
      slowest = Math.max(slowest, milliseconds);
      claim(milliseconds < LIMIT_MS, `${milliseconds.toFixed(0)} ms`);
      count++;
    });
    fc.assert(property, { numRuns: BATCH });
  }
  console.log(`${name}: ${count} in ${SECONDS} s, ${useful} gave something, the slowest took ${slowest.toFixed(0)} ms`);
}

/** @returns undefined when it was refused with a sentence */
function refusedOr<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DreamError)) throw error;
    claim(error.sentence.trim() !== "" && error.sentence.length < 2000, `no sentence: ${error.sentence}`);
    return undefined;
  }
}

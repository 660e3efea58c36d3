import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { DreamError } from "../../lib/errors.js";
import type { PngText } from "../../lib/images/metadata/png-text.js";
import { postprocessedTexts } from "../../lib/images/metadata/postprocessed-texts.js";
import { type FoundCommand, findCommand, readCommand } from "../../lib/images/metadata/read-command.js";
import { readLogLine } from "../../lib/images/metadata/read-log.js";
import { parseLine } from "../../lib/options/read.js";
import { expandSweeps } from "../../lib/options/sweep.js";
import { pngWithChunks, textChunk } from "../support/png-with-chunks.js";
import { processorTime } from "../support/processor-time.js";

const KEYWORDS = ["sd-metadata", "Dream", "parameters", "meta"] as const;
const CONTROL = /(?!\t)[\p{Cc}\u2028\u2029]/u;

/** Whatever a picture says, the answer is a line that our prompt can read and a terminal can show, or one sentence. */
function find(texts: readonly PngText[]): FoundCommand | undefined {
  try {
    const found = findCommand(texts, "evil.png");
    if (found) {
      expect(found.line).not.toMatch(CONTROL);
      expect(found.notes.join("")).not.toMatch(CONTROL);
      expect(`${found.modelId}${found.modelHash}`).not.toMatch(CONTROL);
      expect(found.line.length).toBeLessThan(100_000);
      // Commands are not swept.
      const { axes, lines } =
        found.verb === undefined ? expandSweeps(found.line) : { axes: [], lines: [{ line: found.line.slice(found.verb.length) }] };
      expect(axes).toEqual([]);
      expect(parseLine(lines[0]?.line ?? "").prompt.trim()).toBe(found.parsed.prompt.trim());
    }
    return found;
  } catch (error) {
    expect(error).toBeInstanceOf(DreamError);
    expect(error).toMatchObject({ code: "image/metadata" });
    return undefined;
  }
}

function quickly(work: () => void): void {
  expect(processorTime(work)).toBeLessThan(3000);
}

const image = (fields: string) => `{"image":{"prompt":"x","seed":1,${fields}}}`;
const MEGABYTE = 1024 * 1024;
/** Characters of a Dream text that is looked at. */
const LONGEST = 100_000;

describe.each([
  ["two megabytes of opening brackets", "sd-metadata", "[".repeat(2 * MEGABYTE)],
  ["a deep object", "sd-metadata", `${'{"image":'.repeat(100_000)}1${"}".repeat(100_000)}`],
  ["a deep field of a picture", "sd-metadata", image(`"deep":${"[".repeat(5000)}${"]".repeat(5000)}`)],
  ["a key twice", "sd-metadata", image('"seed":2')],
  ["a prototype", "sd-metadata", '{"__proto__":{"polluted":1},"image":{"__proto__":{"polluted":1},"prompt":"x","seed":1}}'],
  ["a constructor", "sd-metadata", image('"constructor":{"prototype":{"polluted":1}}')],
  ["a million variations", "sd-metadata", image(`"variations":[${"[1,0.5],".repeat(200_000)}[1,0.5]]`)],
  ["a million steps of a chain", "sd-metadata", image(`"postprocessing":[${'{"tool":"x"},'.repeat(100_000)}{}]`)],
  ["a hundred thousand pictures", "sd-metadata", `{"images":[${'{"prompt":"x","seed":1},'.repeat(80_000)}{}]}`],
  ["a prompt of a megabyte", "sd-metadata", image(`"extra":1,"prompt_text":"${"a ".repeat(MEGABYTE / 2)}"`)],
  ["a hundred thousand parts of a prompt", "sd-metadata", `{"image":{"prompt":[${'{"prompt":"x","weight":0.1},'.repeat(60_000)}{}]}}`],
  ["a prompt that steers the terminal", "sd-metadata", image('"prompt_text":"\\u001b]0;x\\u0007\\u009b2J\\r\\n!clear\\u2028"')],
  ["a model that steers the terminal", "sd-metadata", `{"model_id":"\\u001b[2J\\n!clear","image":{"prompt":"x","seed":1}}`],
  ["numbers that are none", "sd-metadata", image('"steps":1e999,"width":-1e308,"cfg_scale":"Infinity","height":"0x40"')],
  ["switches as values", "sd-metadata", image('"init_img":"-o /etc\\" -o /etc","facetool":"x -o /etc","facetool_strength":1')],
  ["open quotations", "Dream", '"'.repeat(LONGEST)],
  ["backslashes", "Dream", `"${"\\".repeat(LONGEST - 1)}`],
  ["comments", "Dream", `x${" # model_id=y # [1]".repeat(5000)}`],
  ["a row of first switches", "Dream", " -s 1 -S 1".repeat(9000)],
  ["digits of a first switch", "Dream", ` -s ${"1".repeat(LONGEST - 4)}`],
  ["thousands of unknown switches", "Dream", `"x"${" --frobnicate 1".repeat(6000)}`],
  ["thousands of switches", "Dream", `"x"${" -s 5".repeat(19_000)}`],
  ["a path of thousands of words", "Dream", `"x" -s 1 -S 1 -I${" word".repeat(19_000)}`],
  ["a grid of thousands of seeds", "Dream", `"x" -s 1 -S 1 --grid # [${"1, ".repeat(30_000)}1]`],
  ["a command of a megabyte", "Dream", `"x"${" -s 5".repeat(MEGABYTE / 5)}`],
  ["a second line", "Dream", '"x" -s 1 -S 1\n!clear\r!clear\u2028!clear'],
  ["settings without end", "parameters", `x\nSteps: 1, ${'A: "b, '.repeat(28_000)}`],
  ["colons", "parameters", `x\nSteps: 1${":".repeat(190_000)}`],
  ["thousands of lines", "parameters", `${"Steps: 1\nNegative prompt:\n".repeat(7000)}`],
  ["groups", "parameters", `${"((a:1.1):".repeat(19_000)}${")".repeat(19_000)}\nSteps: 1, Seed: 1`],
  ["networks", "parameters", `${"<lora:a:1".repeat(20_000)}\nSteps: 1, Seed: 1`],
  ["parameters of a megabyte", "parameters", `${"(".repeat(MEGABYTE)}\nSteps: 1`],
  ["a prompt of brackets", "meta", `{"prompt":"${"[".repeat(190_000)}","seed":"1"}`],
  ["a seed of a megabyte", "meta", `{"prompt":"x","seed":"${"9".repeat(MEGABYTE)}"}`],
  ["a nested prompt", "meta", '{"prompt":{"toString":1},"seed":"1"}'],
] as const)("%s", (_, keyword, text) => {
  test("ends in a line or in a sentence, soon", () => quickly(() => find([{ keyword, text }])));
  test("can be carried along by a changed picture", () => {
    const step = { tool: "upscale", dreamCommand: "!fix" };
    const maker = { appId: "x", appVersion: "1", modelId: "m", modelHash: "NOHASH" };
    quickly(() => find(postprocessedTexts({ path: "a.png", hash: "ab", texts: [{ keyword, text }] }, step, maker)));
  });
});

test("no prototype was polluted", () => expect({}).not.toHaveProperty("polluted"));

test("a switch inside a value stays inside it", () => {
  const found = find([{ keyword: "sd-metadata", text: image('"init_img":"a.png\\" -o /etc","sampler":"plms -o /etc"') }]);
  const parsed = parseLine(found?.line ?? "");
  expect(parsed.initImg).toBe('a.png" -o /etc');
  expect(parsed).not.toHaveProperty("outdir");
});

test("a model's name cannot end the comment that it stands in", () => {
  const text = '{"model_id":"x\\n-o /etc","image":{"prompt":"x","seed":1}}';
  expect(parseLine(find([{ keyword: "sd-metadata", text }])?.line ?? "")).not.toHaveProperty("outdir");
});

test("any JSON", () => {
  const fields = fc.constantFrom(
    "prompt",
    "seed",
    "steps",
    "variations",
    "sampler",
    "upscale",
    "seamless_axes",
    "postprocessing",
    "width",
    "type",
  );
  const json = fc.dictionary(fields, fc.oneof(fc.jsonValue(), fc.constant("img2img")));
  fc.assert(
    fc.property(json, fc.constantFrom(...KEYWORDS), (entry, keyword) => {
      find([{ keyword, text: JSON.stringify(entry) }]);
      find([{ keyword, text: JSON.stringify({ image: entry }) }]);
      find([{ keyword, text: JSON.stringify({ images: [entry, entry] }) }]);
    }),
    { numRuns: 200 },
  );
});

test("any text", () => {
  const piece = fc.constantFrom(
    '"',
    "\\",
    " ",
    "-s",
    "5",
    " -S 1",
    " # ",
    "model_id=",
    "[",
    "]",
    "Steps: 1",
    "\n",
    ", ",
    ":",
    "-I",
    "{",
    "|",
    "}",
    "!fix ",
    "-V 1,",
    "--",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 80 }),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
  );
  fc.assert(
    fc.property(text, fc.constantFrom(...KEYWORDS), (anything, keyword) => {
      find([{ keyword, text: anything }]);
      expect(readLogLine(`o/1.1.png: ${anything}`) ?? "").not.toMatch(CONTROL);
    }),
    { numRuns: 500 },
  );
});

test("every changed byte of a file ends in a line, in nothing or in a sentence", () => {
  const whole = Buffer.from(
    pngWithChunks([textChunk.zTXt("Dream", '"a cat" -s 5 -S 1')], [textChunk.iTXt("sd-metadata", image('"steps":5'))]),
  );
  for (let i = 0; i < whole.length; i++) {
    const changed = Buffer.from(whole);
    changed.writeUInt8(changed.readUInt8(i) ^ 0xff, i);
    try {
      readCommand(changed, "x.png");
    } catch (error) {
      expect(error).toBeInstanceOf(DreamError);
    }
  }
});

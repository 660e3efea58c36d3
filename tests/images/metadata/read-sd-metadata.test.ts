import { describe, expect, test } from "@jest/globals";
import { findCommand } from "../../../lib/images/metadata/read-command.js";

const plain = {
  type: "txt2img",
  prompt: [{ prompt: "a cat, oil painting", weight: 1 }],
  steps: 40,
  cfg_scale: 10,
  width: 512,
  height: 640,
  seed: 42,
  sampler: "k_heun",
  variations: [],
  postprocessing: null,
};
const wrap = (image: object) => ({
  model: "stable diffusion",
  model_id: "sd-1.4",
  model_hash: "fe4e",
  app_id: "invoke-ai/InvokeAI",
  image,
});
const read = (image: object) => readJson(wrap(image));
const readJson = (json: object, dream?: string) =>
  findCommand(
    [...(dream === undefined ? [] : [{ keyword: "Dream", text: dream }]), { keyword: "sd-metadata", text: JSON.stringify(json) }],
    "x.png",
  );

test("a plain picture", () => {
  expect(read(plain)).toEqual({
    line: '"a cat, oil painting" -s 40 -S 42 -W 512 -H 640 -C 10.0 -A k_heun # model_id=sd-1.4',
    dialect: "sd-metadata",
    parsed: {
      prompt: "a cat, oil painting",
      steps: 40,
      seed: 42,
      width: 512,
      height: 640,
      cfgScale: 10,
      sampler: "k_heun",
      rng: "cpu",
    },
    notes: ["the source of the noise is not recorded; for a picture made on a GPU add --rng cuda"],
    modelId: "sd-1.4",
    modelHash: "fe4e",
    postprocessing: [],
  });
});

test("missing fields are the built-in values, sampler_name is the sampler", () => {
  expect(read({ prompt: "a cat", seed: 1, sampler_name: "plms" })?.line).toBe(
    '"a cat" -s 50 -S 1 -W 512 -H 512 -C 7.5 -A plms # model_id=sd-1.4',
  );
});

test("the first of several pictures", () => {
  const { image, ...rest } = wrap(plain);
  expect(readJson({ ...rest, images: [image, { ...plain, seed: 43 }] })?.parsed.seed).toBe(42);
});

describe("the prompt", () => {
  test.each([
    ["a text", "a cat", "a cat"],
    ["one item", [{ prompt: "a: cat", weight: 0.3 }], "a: cat"],
    ["several items", [{ prompt: "a cat", weight: 2 / 3 }, { prompt: "a:b", weight: 1e-7 }], "a cat:0.6666666666666666 a\\:b:0.0000001"], // biome-ignore format: a table
    ["no items", [], ""],
    ["broken items", [5, null, { weight: 1 }, "dog"], "dog"],
    ["line ends and control characters", "a\r\ncat\u001b[2J\ttail", "a cat[2J\ttail"],
  ])("%s", (_, prompt, expected) => expect(read({ ...plain, prompt })?.parsed.prompt).toBe(expected));
});

test("noise and Karras levels, which only this program records", () => {
  expect(read({ ...plain, rng: "cuda", karras_max: 29 })).toMatchObject({
    line: '"a cat, oil painting" -s 40 -S 42 -W 512 -H 640 -C 10.0 --karras_max 29 -A k_heun --rng cuda # model_id=sd-1.4',
    notes: [],
  });
});

test.each([
  ["objects", [{ seed: 7, weight: 0.25 }, { seed: 8, weight: 1 }]], // biome-ignore format: short
  ["pairs", [[7, 0.25], [8, 1]]], // biome-ignore format: short
  ["texts", ["7:0.25", "8:1.0"]],
  ["one text", "7:0.25,8:1.0"],
  ["one text of commas", "7,0.25,8,1"],
])("variations as %s", (_, variations) => {
  expect(read({ ...plain, variations })?.line).toBe(
    '"a cat, oil painting" -s 40 -S 42 -W 512 -H 640 -C 10.0 -A k_heun -V 7:0.25,8:1.0 # model_id=sd-1.4',
  );
});

test.each([[[{ seed: -1, weight: 0.5 }]], [[{ seed: 1, weight: 2 }]], [[[1.5, 0.1]]]])("the variation %j is left out", (variations) => {
  const found = read({ ...plain, variations });
  expect(found?.line).not.toContain("-V");
  expect(found?.notes[0]).toBe("a variation that is not possible here is left out");
});

test.each([
  [{ seamless: true }, "--seamless -A"],
  [{ seamless: true, seamless_axes: "x" }, "--seamless --seamless_axes x -A"],
  [{ seamless_axes: ["y"] }, "--seamless --seamless_axes y -A"],
  [{ seamless: true, seamless_axes: ["x", "y"] }, "--seamless -A"],
  [{ type: "img2img", strength_steps: 0.6, init_img: "a.png", fit: true }, "-I a.png -A k_heun --fit -f 0.6 #"],
  [{ type: "img2img", strength: 0.6, init_image_path: "a.png" }, "-I a.png -A k_heun -f 0.6 #"],
  [{ type: "img2img", strength_steps: 0.6 }, "-A k_heun -f 0.6 #"],
  [{ perlin: 0.1, threshold: 5, hires_fix: true }, "--perlin 0.1 --threshold 5.0 --hires_fix -A k_heun -f 0.75 #"],
  [{ hires_fix: true, strength_steps: 0.5 }, "--hires_fix -A k_heun -f 0.5 #"],
  [{ h_symmetry_time_pct: 0.3, v_symmetry_time_pct: null }, "--h_symmetry_time_pct 0.3 -A"],
  [{ h_symmetry_time_pct: 0, v_symmetry_time_pct: 0.1 }, "-C 10.0 --v_symmetry_time_pct 0.1 -A"],
  [{ facetool: "codeformer", facetool_strength: 0.5, upscale: [2, 0.75] }, "-G 0.5 -ft codeformer -U 2.0 0.75 #"],
])("%j", (change, printed) => expect(read({ ...plain, ...change })?.line).toContain(printed));

test.each([{ perlin: 0, threshold: 0 }, { facetool: "gfpgan", facetool_strength: 0, upscale: null }, { seamless: false }])(
  "%j says nothing",
  (change) => expect(read({ ...plain, ...change })?.line).toBe(read(plain)?.line),
);

test("an initial picture that is nowhere named is asked for", () => {
  const found = read({ ...plain, type: "img2img", strength_steps: 0.4, orig_hash: "ba78" });
  expect(found?.line).toContain(" -f 0.4 ");
  expect(found?.notes).toContain("made from another picture, which is not recorded; add it with -I");
});

test("the initial picture, --fit and --seamless come from the Dream text when the JSON forgot them", () => {
  const json = wrap({ ...plain, seed: 5, type: "img2img", strength_steps: 0.4 });
  const found = readJson(json, '"fire" -s 10 -S 5 -W 384 -H 384 -C 7.5 --seamless -I in/fire.png -A ddim --fit -f 0.4');
  expect(found?.line).toBe(
    '"a cat, oil painting" -s 40 -S 5 -W 512 -H 640 -C 10.0 --seamless -I in/fire.png -A k_heun --fit -f 0.4 # model_id=sd-1.4',
  );
});

test("a grid becomes the series that made it", () => {
  const { image, ...rest } = wrap({ ...plain, seed: 2685670268 });
  const second = { ...plain, seed: 1216708065 };
  expect(readJson({ ...rest, images: [image, second] })?.line).toContain(" --grid -A k_heun -n 2 #");
  expect(readJson({ ...rest, images: [image, { ...second, seed: 1 }] })?.notes[0]).toContain("do not follow one another");
});

test("what was done afterwards is told, not run", () => {
  const step = { tool: "gfpgan", dream_command: '!fix "a.png" -G 0.8' };
  expect(read({ ...plain, postprocessing: [step, { type: "esrgan", scale: 2 }] })).toMatchObject({
    postprocessing: [
      { tool: "gfpgan", dreamCommand: '!fix "a.png" -G 0.8' },
      { tool: "esrgan", dreamCommand: "" },
    ],
    notes: [expect.anything(), "the picture was changed afterwards: gfpgan, esrgan"],
  });
});

test.each([
  [{ seed: -5 }, "-S -5"],
  [{ seed: 1.5 }, "-S 1.5"],
  [{ seed: 2 ** 40 }, "-S 1099511627776"],
  [{ steps: "many" }, "-s many"],
  [{ steps: {} }, "-s [object Object]"],
  [{ width: 1e300 }, "-W 1e+300"],
  [{ sampler: "k_dpm_adaptive" }, 'no sampler "k_dpm_adaptive"'],
])("%j is left out and noted", (change, note) => expect(read({ ...plain, ...change })?.notes.join("\n")).toContain(note));

test("Dream text stands in for JSON that is unusable, and for a model's name that the JSON lacks", () => {
  const dream = "a dog -s 30 -S 5 -W 512 -H 512 -C 7.5 -A k_lms # model_id=sd-1.5";
  expect(readJson({ image: {} }, dream)).toMatchObject({ dialect: "dream", parsed: { prompt: "a dog" } });
  expect(readJson({ ...wrap({ ...plain, seed: 5 }), model_id: null }, dream)).toMatchObject({ dialect: "sd-metadata", modelId: "sd-1.5" });
});

test("Dream text of another picture is not mixed in", () => {
  expect(readJson({ ...wrap(plain), model_id: null }, "a dog -s 30 -S 5 # model_id=sd-1.5")?.modelId).toBeUndefined();
});

test.each([["[]"], ["{"], ['{"image":[]}'], ['{"image":{}}'], ['{"images":[]}'], ["NaN"]])("%s alone is not understood", (text) => {
  expect(() => findCommand([{ keyword: "sd-metadata", text }], "x.png")).toThrow(
    expect.objectContaining({ code: "image/metadata", message: 'x.png holds a "sd-metadata" text that cannot be understood' }),
  );
});

test("texts of other programs say nothing", () => {
  expect(findCommand([{ keyword: "Software", text: "gimp" }, { keyword: "date:create", text: "2022" }], "x.png")).toBeUndefined(); // biome-ignore format: short
});

test.each([
  [["a hat", 0.25], '-tm "a hat" 0.25'],
  [["hat"], "-tm hat 0.5"],
  [["a", "red", "hat", "0.4"], '-tm "a red hat" 0.4'],
])("the text mask %j", (mask, printed) => {
  expect(read({ ...plain, type: "img2img", init_img: "x.png", text_mask: mask })?.line).toContain(` ${printed} #`);
});

test.each([[["hat", 7]], [[{}, []]], [["-x", 0.5]], [["x".repeat(5000)]]])("the text mask %j is left out, and noted", (mask) => {
  const found = read({ ...plain, type: "img2img", init_img: "x.png", text_mask: mask });
  expect(found?.line).not.toContain("-tm");
  expect(found?.notes.join()).toMatch(/-tm .* is not possible here/);
});

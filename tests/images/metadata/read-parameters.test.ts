import { expect, test } from "@jest/globals";
import { findCommand } from "../../../lib/images/metadata/read-command.js";

const read = (text: string) => findCommand([{ keyword: "parameters", text }], "x.png");
const SETTINGS = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 512x768, Model hash: cc6cb27103, Model: v1-5-pruned";

test("prompt, negative prompt and settings become a line", () => {
  expect(read(`a cat\nNegative prompt: blurry, dark\n${SETTINGS}`)).toMatchObject({
    line: '"a cat [blurry, dark]" -s 20 -S 5 -W 512 -H 768 -C 7.0 -A k_euler_a --rng cuda # model_id=v1-5-pruned',
    dialect: "parameters",
    parsed: { seed: 5 },
    modelId: "v1-5-pruned",
    modelHash: "cc6cb27103",
    notes: [],
  });
});

test("both prompts may have several lines, and one may look like settings", () => {
  const text = `a cat\nSteps: up, down\nNegative prompt: blurry\n dark\n${SETTINGS}`;
  expect(read(text)?.parsed.prompt).toBe("a cat Steps\\: up, down [blurry  dark]");
});

test("colons are escaped where they would mix prompts", () => {
  expect(read(`12:30\nNegative prompt: ratio 1:2\n${SETTINGS}`)?.parsed.prompt).toBe("12\\:30 [ratio 1:2]");
});

test("lines behind the settings belong to other programs", () => {
  expect(read(`a cat\n${SETTINGS}\nTemplate: a cat`)?.parsed.prompt).toBe("a cat");
});

test("a text without settings is not understood", () => {
  expect(() => read("a cat\nNegative prompt: dog")).toThrow(expect.objectContaining({ code: "image/metadata" }));
});

test.each([
  ["Euler", "k_euler"],
  ["euler_a", "k_euler_a"],
  ["LMS", "k_lms"],
  ["Heun", "k_heun"],
  ["DPM2", "k_dpm_2"],
  ["DPM2 a", "k_dpm_2_a"],
  ["DPM++ 2M", "k_dpmpp_2"],
  ["DPM++ 2S a", "k_dpmpp_2_a"],
  ["DPM++ SDE", "k_dpmpp_sde"],
  ["DPM++ 2M SDE", "k_dpmpp_2m_sde"],
  ["DDIM", "ddim"],
  ["PLMS", "plms"],
  ["UniPC", "unipc"],
  ["LCM", "lcm"],
])("sampler %s is %s", (theirs, ours) => {
  const found = read(`x\nSteps: 9, Sampler: ${theirs}, Seed: 1`);
  expect(found?.line).toContain(` -A ${ours} `);
  expect(found?.line).not.toContain("karras");
  expect(found?.notes).toEqual([]);
});

test.each(["Sampler: DPM++ 2M Karras", "Sampler: DPM++ 2M, Schedule type: Karras"])(
  "%s gives Karras noise levels at this number of steps",
  (sampler) => {
    expect(read(`x\nSteps: 20, ${sampler}, Seed: 1`)?.line).toContain(" --karras_max 21 -A k_dpmpp_2 ");
  },
);

test.each([
  ["Sampler: DPM adaptive", 'there is no sampler "DPM adaptive" here'],
  ["Sampler: Euler, Schedule type: Exponential", 'there is no schedule "Exponential" here'],
  ["Clip skip: 2", "clip skip 2 also holds for the negative prompt there"],
  ["Denoising strength: 0.7, Hires upscale: 2", "a second pass at 2 times the size"],
  ["Denoising strength: 0.7", "made from another picture"],
  ["Sampler: Euler a, ENSD: 31337", "ENSD"],
  ["VAE: kl-f8", 'VAE "kl-f8"'],
  ["RNG: std_default", 'the noise of "std_default"'],
  ["Size: 520x512", "multiples of 64"],
])("%s is noted", (settings, note) => {
  expect(read(`x\nSteps: 20, Seed: 1, ${settings}`)?.notes.join("\n")).toContain(note);
});

test.each([
  ["RNG: CPU", ""],
  ["RNG: NV", " --rng cuda"],
  ["VAE: x", " --rng cuda"],
])("%s: noise from%s", (settings, printed) => {
  expect(read(`x\nSteps: 20, Seed: 1, ${settings}`)?.line).toBe(`"x" -s 20 -S 1 -W 512 -H 512 -C 7.5 -A k_lms${printed}`);
});

test("quoted values may hold commas and colons", () => {
  const found = read('x\nSteps: 20, Lora hashes: "a: 1, Seed: 7", Model: "a, \\"b\\"", Broken: "open, Seed: 5');
  expect(found).toMatchObject({ parsed: { seed: 5 }, modelId: 'a, "b"' });
});

test("attention and alternation are put into our notation, without square brackets", () => {
  const found = read("(cat:1.2) [dog] [a|b]\nNegative prompt: (bad) [x]\nSteps: 20, Seed: 1");
  expect(found?.parsed.prompt).toBe("(cat)1.2 (dog)0.91 a b [(bad)1.1 (x)0.91]");
  expect(found?.notes.join()).toContain("changes between steps");
});

import { describe, expect, test } from "@jest/globals";
import { formatFileName, type NameFields } from "../../../lib/images/names/file-name-format.js";

const fields: NameFields = {
  prompt: { type: "text", value: "a red car" },
  path: { type: "text", value: "../../etc/passwd" },
  long: { type: "text", value: "猫".repeat(200) },
  prefix: { type: "text", value: "000017" },
  seed: { type: "int", value: 4829112 },
  steps: { type: "int", value: 25 },
  cfg_scale: { type: "float", value: 10 },
  perlin: { type: "float", value: 0.1 },
  grid: { type: "flag", value: false },
  init_img: { type: "other", text: "None" },
};

test.each([
  ["{prompt}_steps.{steps}_cfg.{cfg_scale}_perlin.{perlin}.png", "a red car_steps.25_cfg.10.0_perlin.0.1.png"],
  ["{prefix}.{seed}", "000017.4829112.png"],
  ["{prompt:0.5}_{seed:010d}", "a red_0004829112.png"],
  ["{prompt:>12}|{cfg_scale:.2f}", "a red car_10.00.png"],
  ["{prompt:_^13}", "__a red car__.png"],
  ["{{{prompt}}}", "{a red car}.png"],
  ["{prompt!r}", "'a red car'.png"],
  ["{grid} {init_img}", "False None.png"],
  ["cfg.{cfg_scale}", "cfg.10.0.png"],
  ["{prompt}.jpg", "a red car.jpg.png"],
  ["{prompt}.PNG", "a red car.png"],
  ["plain", "plain.png"],
])("%s makes %s", (format, name) => {
  expect(formatFileName(format, fields)).toEqual({ name });
});

describe("names that a file system would not take", () => {
  test.each([
    ["{path}", "_.._etc_passwd.png"],
    ['a<b>c:d"e/f\\g|h?i*j', "a_b_c_d_e_f_g_h_i_j.png"],
    ["a\nb\u0000c\u007fd\ud800e", "a_b_c_d_e.png"],
    ["...hidden. . ", "hidden.png"],
    ["con", "_con.png"],
    ["LPT1.txt", "_LPT1.txt.png"],
    ["console", "console.png"],
  ])("%j becomes %s", (format, name) => {
    expect(formatFileName(format, fields)).toEqual({ name });
  });

  test("a long one is cut between characters and keeps its ending", () => {
    const formatted = formatFileName("{seed}{long}", fields);
    const name = "name" in formatted ? formatted.name : "";
    expect(name).toMatch(/^4829112猫+\.png$/);
    expect(Buffer.byteLength(name)).toBeGreaterThan(252);
    expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
  });
});

describe("formats that cannot be used, in the reference's words", () => {
  test("an unknown field", () => {
    expect(formatFileName("{prompt}_{sauce}.png", fields)).toEqual({
      problem: "** The filename format contains an unknown key 'sauce'. Will use {prefix}.{seed}.png' instead",
    });
  });

  test.each([
    "{}",
    "{0}",
    "{prompt",
    "prompt}",
    "{prompt:{steps}}",
    "{prompt.length}",
    "{steps:.2d}",
    "{init_img:>5}",
    "{prompt!x}",
    "...",
    "",
  ])("broken: %j", (format) => {
    expect(formatFileName(format, fields)).toEqual({
      problem: "** The filename format is broken or complete. Will use '{prefix}.{seed}.png' instead",
    });
  });

  test.each(["__proto__", "constructor", "toString"])("what every object has is no field: %s", (key) => {
    expect(formatFileName(`{${key}}`, fields)).toEqual({ problem: expect.stringContaining(`unknown key '${key}'`) });
  });

  test("a long one takes no time", () => {
    const started = Date.now();
    formatFileName("{a".repeat(100_000), fields);
    formatFileName("{{".repeat(100_000), fields);
    expect(Date.now() - started).toBeLessThan(2000);
  });
});

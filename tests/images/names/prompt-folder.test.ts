import { join, resolve } from "node:path";
import { expect, test } from "@jest/globals";
import { promptFolder, promptFolderNotice } from "../../../lib/images/names/prompt-folder.js";

test.each([
  ["a red car", "a red car"],
  ['what? <"a/b\\c">:|*', "what_ __a_b_c_____"],
  ["a dot at the end. . ", "a dot at the end"],
  ["../../etc", "_.._etc"],
  ["nul", "_nul"],
  ["Käfer, 猫", "Käfer, 猫"],
])("%j has the folder %j", (prompt, name) => {
  expect(promptFolder("outputs", prompt)).toBe(join("outputs", name));
});

test.each(["", " . ", "..."])("a prompt of which nothing is left has no folder of its own: %j", (prompt) => {
  expect(promptFolder("outputs", prompt)).toBe("outputs");
});

test("a long prompt is cut to 255 bytes, between characters", () => {
  const name = promptFolder("outputs", "ü".repeat(300)).slice("outputs/".length);
  expect(name).toBe("ü".repeat(127));
});

test("what is cut does not end in a blank", () => {
  expect(promptFolder("outputs", `${"x".repeat(254)} y`)).toBe(join("outputs", "x".repeat(254)));
});

(process.platform === "win32" ? test.skip : test)("in a deep folder there is room left for the pictures' own names", () => {
  const deep = `/${"d".repeat(200)}`.repeat(20);
  const folder = promptFolder(deep, "p".repeat(255));
  expect(Buffer.byteLength(resolve(folder)) + 39).toBeLessThanOrEqual(4097);
  expect(folder).toContain("/pp");
});

test("the notice", () => {
  expect(promptFolderNotice("outputs/a red car")).toBe('Writing files to directory: "outputs/a red car"');
});

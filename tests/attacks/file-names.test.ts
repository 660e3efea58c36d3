import { mkdtempSync, readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { formatFileName } from "../../lib/images/names/file-name-format.js";
import { PictureNames } from "../../lib/images/names/file-names.js";
import { promptFolder } from "../../lib/images/names/prompt-folder.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const root = await temporaryFolder();

/** Texts that people and file systems trip over, and any others. */
const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(...'./\\:*?<>|"\0\n {}!=0_,%ed'), maxLength: 40 }),
  fc.constantFrom("..", "../..", "con", "AUX.png", "/", "\ud800", "a".repeat(300), "猫".repeat(100), ".png", " .png"),
);

/** True for a name that stays in its folder on every file system. */
function isSafe(name: string): boolean {
  const forbidden = /[<>:"/\\|?*\p{Cc}\p{Cs}]|^[.\s]|[.\s]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu;
  return name !== "" && Buffer.byteLength(name) <= 255 && !forbidden.test(name);
}

describe("whatever the prompt and the format are", () => {
  test("the name stays in its folder and ends in .png, or a sentence says why not", () => {
    fc.assert(
      fc.property(text, text, (prompt, format) => {
        for (const given of [format, `{prompt}${format}`, `${format}{prompt:${format}}`]) {
          const formatted = formatFileName(given, { prompt: { type: "text", value: prompt }, seed: { type: "int", value: 5 } });
          if ("name" in formatted)
            expect([formatted.name, isSafe(formatted.name) && formatted.name.endsWith(".png")]).toEqual([formatted.name, true]);
          else expect(formatted.problem).toMatch(/^\*\* The filename format /);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("the folder of a prompt is the output folder or lies directly in it", () => {
    fc.assert(
      fc.property(text, (prompt) => {
        const folder = resolve(promptFolder("outputs", prompt));
        if (folder !== resolve("outputs")) expect([dirname(folder), isSafe(basename(folder))]).toEqual([resolve("outputs"), true]);
      }),
      { numRuns: 2000 },
    );
  });

  test("the file can really be written", async () => {
    await fc.assert(
      fc.asyncProperty(text, async (prompt) => {
        const folder = mkdtempSync(join(root, "t-"));
        const names = new PictureNames(folder, { format: "{prompt}", onProblem: () => {} });
        const paths = [];
        for (let i = 0; i < 2; i++) paths.push(await names.write(i, Uint8Array.of(1), { prompt: { type: "text", value: prompt } }));
        await names.close();
        expect(readdirSync(folder).sort()).toEqual(paths.map((path) => basename(path)).sort());
      }),
      { numRuns: 100 },
    );
  });
});

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { findLoras } from "../../../lib/repl/studio/find-loras.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = await temporaryFolder();
for (const name of ["ink", "oil", "my.v2"]) await writeFile(join(folder, `${name}.safetensors`), "");
const ink = { name: "ink", path: join(folder, "ink.safetensors"), weight: 1 };
const oil = { name: "oil", path: join(folder, "oil.safetensors"), weight: 1 };

test.each([
  ["a cat", [], []],
  ["a cat withLora(ink)", [ink], []],
  [
    "a cat withLora(ink,0.8) useLora(oil,-0.5)",
    [
      { ...ink, weight: 0.8 },
      { ...oil, weight: -0.5 },
    ],
    [],
  ],
  ["a cat withLora(my.v2,1)", [{ name: "my.v2", path: join(folder, "my.v2.safetensors"), weight: 1 }], []],
  ["withLora(ink,0.5) a cat withLora(oil) withLora(ink,0.25)", [{ ...ink, weight: 0.75 }, oil], []],
  ["withLora(ink,0.5) withLora(ink,-0.5) a cat", [], []],
  ["a cat withLora(ink,0)", [], []],
  ["a cat withLora(nothing) withLora(nothing,2)", [], ["** Unable to find lora: nothing"]],
  ["a cat [withLora(ink)]", [], []],
  ["a:1 b withLora(ink):1", [ink], []],
])("%s", async (prompt, loras, notes) => expect(await findLoras({ prompt }, [folder])).toEqual({ loras, notes }));

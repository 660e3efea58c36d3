import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import { readRegistry } from "../../lib/models/registry/registry.js";
import { Terminal } from "../../lib/repl/terminal/terminal.js";
import { MINIATURES } from "../oracles/read-oracle.js";
import { keys, openTerminal } from "./open-terminal.js";

const { enter, ctrl } = keys;

test.each([
  [true, "one\n\x1b[1mtwo\x1b[22m\nthree\n"],
  [false, "one\ntwo\nthree\n"],
])("with colours %p the emphasised line is bold or like the others", (colour, shown) => {
  const output = new PassThrough();
  const terminal = new Terminal(new PassThrough(), output, {
    style: { colour, unicode: false },
    history: [],
    complete: async () => [[], ""],
    showPicture: async () => undefined,
  });
  terminal.handle({ type: "text", text: "one\ntwo\nthree", emphasis: 1 });
  terminal.close();
  expect(String(output.read())).toContain(shown);
});

test("the import is a dialogue, and its answers are no history", async () => {
  const { press, screen, until, folder } = await openTerminal({ columns: 200 });
  writeFileSync(join(folder, "models.yaml"), "tiny: { path: /models/tiny }\n");
  await press(`!import_model ${join(MINIATURES, "sd1")}${enter}`);
  await until(() => screen.cursorLine === "Short name for this model [sd1]:");
  await press(`mini${enter}`);
  await until(() => screen.cursorLine === "Description for this model [Imported model mini]:");
  await press(enter);
  await until(() => screen.cursorLine === "Keep model loaded? [y]:");
  await press(`n${enter}`);
  await until(() => screen.cursorLine === "Make this the default model? [n]:");
  await press(enter);
  await until(() => screen.text.includes(">> mini successfully installed") && screen.cursorLine === "dream>");
  expect([...(await readRegistry(join(folder, "models.yaml"))).entries.keys()]).toEqual(["tiny", "mini"]);
  await press(keys.up);
  expect(screen.cursorLine).toBe(`dream> !import_model ${join(MINIATURES, "sd1")}`);
});

test("Ctrl-C in the dialogue leaves the dialogue alone", async () => {
  const { press, screen, until, folder } = await openTerminal({ columns: 200 });
  writeFileSync(join(folder, "models.yaml"), "tiny: { path: /models/tiny }\nother: { path: /models/other }\n");
  await press(`!edit_model other${enter}`);
  await until(() => screen.cursorLine === "name: other");
  await press(enter);
  await until(() => screen.cursorLine === "path: /models/other");
  await press(ctrl("c"));
  await until(() => screen.text.includes("** Aborting edit. Nothing was changed") && screen.cursorLine === "dream>");
});

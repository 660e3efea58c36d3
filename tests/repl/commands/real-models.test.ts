import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { PACKAGE_ROOT } from "../../../lib/package-root.js";
import { writeBrokenCheckpoint } from "../../support/broken-checkpoint.js";
import { MINIATURE, runProgram } from "../../support/run-program.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

/* The commands about models in the whole program, with the real engine. */

const folder = await temporaryFolder();
const registry = join(folder, "models.yaml");
writeFileSync(
  registry,
  `crayon: { path: ${join(PACKAGE_ROOT, "configs", "models", "crayon")}, default: true }\nmini: { path: ${MINIATURE} }\n`,
);

const run = (outdir: string, lines: readonly string[], ...switches: string[]) =>
  runProgram(["--config", registry, "-o", join(folder, outdir), "--from_file", "-", ...switches], { lines: lines.join("\n") });

test("models that turn out to be broken leave the built-in one drawing the same picture, byte for byte", async () => {
  const cut = join(folder, "cut.safetensors");
  writeFileSync(cut, readFileSync(await writeBrokenCheckpoint(folder, "whole", () => {})).subarray(0, -100));
  const missing = await writeBrokenCheckpoint(folder, "missing", (tensors) => {
    delete tensors["first_stage_model.decoder.norm_out.weight"];
  });
  const picture = "a red circle -s2 -S7 -W64 -H64";
  const lines = [picture, `!switch ${cut}`, picture, `!switch ${missing}`, `!import_model ${missing}`, picture];
  const { status, output, errors } = await run("broken", lines);
  expect(status).toBe(1);
  expect(errors).toMatch(
    /^\*\* model cut could not be loaded: .* but its header describes .*\n\*\* model missing could not be loaded: .*norm_out\.weight.*\n\*\* model missing could not be loaded/,
  );
  expect(errors).toMatch(/\*\* model failed to load. Discarding configuration entry\n$/);
  expect(output.match(/>> crayon stays in use/g)).toHaveLength(2);
  const [first, ...others] = [1, 2, 3].map((number) => readFileSync(join(folder, "broken", `00000${number}.7.png`)));
  for (const other of others) expect(first?.equals(other)).toBe(true);
  expect(readFileSync(registry, "utf8")).not.toContain("missing");
});

test("with room for two models switching back reads nothing", async () => {
  const { status, output, errors } = await run(
    "two",
    ["!switch mini", "a -s1 -S1", "!models", "!switch crayon", "!switch MINI"],
    "--max_loaded_models",
    "2",
  );
  expect({ status, errors }).toEqual({ status: 0, errors: "" });
  expect(output).toMatch(/crayon {4}.* cached {2}diffusers\nmini {6}.* active {2}diffusers/);
  expect(output.match(/>> Retrieving model (crayon|mini) from system RAM cache/g)).toHaveLength(2);
  expect(output).toContain("-W 64 -H 64");
});

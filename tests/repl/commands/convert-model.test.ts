import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openSession } from "./open-session.js";

test.each([
  ["!convert_model a", "done", ">> a needs no conversion: checkpoints are read where they lie, as they are"],
  ["!optimize_model /models/x.safetensors", "done", ">> /models/x.safetensors needs no conversion"],
  ["!convert_model old", "done", ">> old needs no conversion"],
  ["!convert_model /models/old.ckpt", "done", ">> /models/old.ckpt needs no conversion"],
  ["!convert_model", "failed", "** please name a model"],
])("%s answers honestly", async (line, result, words) => {
  const { session, said, folder } = await openSession();
  writeFileSync(join(folder, "models.yaml"), "a: { path: /models/a }\nold: { weights: /models/old.ckpt }\n");
  expect(await session.submit(line)).toBe(result);
  expect(said(result === "done" ? "text" : "problem")).toContain(words);
});

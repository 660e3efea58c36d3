import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { placeBelowRoot } from "../../lib/cli/place-below-root.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const all = await temporaryFolder();

function rootWith(registry: boolean): string {
  const root = mkdtempSync(join(all, "root-"));
  mkdirSync(join(root, "configs"));
  if (registry) writeFileSync(join(root, "configs", "models.yaml"), "");
  return root;
}

test("registry and pictures have their places in a root", () => {
  const root = rootWith(true);
  const launch = { rootDir: root, outdir: join(root, "outputs"), config: join(root, "configs", "models.yaml") };
  expect(placeBelowRoot({}, root)).toEqual({ launch, notices: [] });
});

test("relative paths of the command line start there, others stay", () => {
  const root = rootWith(false);
  const given = { outdir: "mine", config: "my.yaml", embeddingDirectory: "e", loraDirectory: "/l", gfpganDir: "g", autoimport: "a" };
  const launch = {
    rootDir: root,
    outdir: join(root, "mine"),
    config: join(root, "my.yaml"),
    embeddingDirectory: join(root, "e"),
    loraDirectory: "/l",
    gfpganDir: join(root, "g"),
    autoimport: "a",
  };
  expect(placeBelowRoot(given, root)).toEqual({ launch, notices: [] });
});

test("a root without a registry is told", () => {
  const root = rootWith(false);
  expect(placeBelowRoot({}, root)).toEqual({
    launch: { rootDir: root, outdir: join(root, "outputs") },
    notices: [`${join(root, "configs", "models.yaml")} does not exist; the models are those of this program`],
  });
});

import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { findRoot } from "../../lib/cli/find-root.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { thrown } from "../support/thrown.js";

const all = await temporaryFolder();

/** A home folder with these files; folders where the path ends in a slash. */
function homeWith(...paths: string[]): string {
  const home = mkdtempSync(join(all, "home-"));
  for (const path of paths) {
    mkdirSync(join(home, path, path.endsWith("/") ? "" : ".."), { recursive: true });
    if (!path.endsWith("/")) writeFileSync(join(home, path), "");
  }
  return home;
}

/** Files | --root_dir | environment | root; `~` is the home folder. */
test.each<[string[], string | undefined, { [name: string]: string }, string | undefined]>([
  [[], undefined, {}, undefined],
  [["given/", "named/"], "~/given", { INVOKEAI_ROOT: "~/named" }, "~/given"],
  [["named/", "venv/invokeai.init"], undefined, { INVOKEAI_ROOT: "~/named", VIRTUAL_ENV: "~/venv/.venv" }, "~/named"],
  [["venv/invokeai.init", "invokeai/invokeai.init"], undefined, { INVOKEAI_ROOT: "", VIRTUAL_ENV: "~/venv/.venv" }, "~/venv"],
  [["venv/", "invokeai/invokeai.init"], undefined, { VIRTUAL_ENV: "~/venv/.venv" }, "~/invokeai"],
  [["invokeai/configs/models.yaml"], undefined, {}, "~/invokeai"],
  [["invokeai/outputs/"], undefined, {}, undefined],
])("%j with %j and %j", (files, given, environment, root) => {
  const home = homeWith(...files);
  const real = (text: string) => text.replace("~", home);
  const entries = Object.entries(environment).map(([name, value]) => [name, real(value)]);
  expect(findRoot(given && real(given), Object.fromEntries(entries), home)).toBe(root && real(root));
});

test.each<[string | undefined, { [name: string]: string }, string, string]>([
  ["/no/such", {}, "file/not-found", "the root folder /no/such (--root_dir) does not exist"],
  [undefined, { INVOKEAI_ROOT: "/no/such" }, "file/not-found", "the root folder /no/such (INVOKEAI_ROOT) does not exist"],
  ["/dev/null", {}, "file/unreadable", "the root /dev/null (--root_dir) is not a folder"],
])("%j and %j are refused", (given, environment, code, message) => {
  expect(thrown(() => findRoot(given, environment, "/"))).toMatchObject({ code, message });
});

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_ROOT } from "./package-root.js";

/** Name and version of package.json: what `--version` prints and metadata carries. */
export const APP: { readonly id: string; readonly version: string } = readPackage();

function readPackage(): { id: string; version: string } {
  const { name, version } = JSON.parse(readFileSync(join(PACKAGE_ROOT, "package.json"), "utf8")) as { name: string; version: string };
  return { id: name, version };
}

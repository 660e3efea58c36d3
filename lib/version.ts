import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PACKAGE_ROOT } from "./package-root.js";

interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const PACKAGE = JSON.parse(readFileSync(join(PACKAGE_ROOT, "package.json"), "utf8")) as PackageFile;

/** Name and version of package.json: what `--version` prints and metadata carries. */
export const APP: { readonly id: string; readonly version: string } = { id: PACKAGE.name, version: PACKAGE.version };

/** What computes the pixels. onnxruntime is pinned to one version; loading it to ask would cost the session's process its memory. */
export const RUNTIMES: Readonly<Record<string, string>> = {
  node: process.versions.node,
  onnxruntime: PACKAGE.dependencies["onnxruntime-node"] ?? "unknown",
};

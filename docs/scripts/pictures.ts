import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

/** Makes the pictures of the user guide by the lines that stand there: `npm run docs:pictures`. */
const PICTURES = { "sweep.png": "a {red|green|blue} star above a white house -S7 -C{2,5,9} -g" };

for (const [name, line] of Object.entries(PICTURES)) {
  const folder = mkdtempSync(join(tmpdir(), "guide-"));
  try {
    execFileSync(process.execPath, [join(PACKAGE_ROOT, "bin", "dream.js"), "-o", folder], {
      input: `${line}\n`,
      stdio: ["pipe", "inherit", "inherit"],
    });
    const [made] = readdirSync(folder).filter((file) => file.endsWith(".png"));
    if (made === undefined) throw new Error(`no picture came of ${line}`);
    copyFileSync(join(folder, made), join(PACKAGE_ROOT, "docs", "images", name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

/**
 * Makes docs/images/contact-sheet.png: the pictures of a prompt list, made by the program itself, in rows of six.
 * Usage: npm run docs:contact-sheet [-- MODEL [PROMPTS [TARGET]]]
 */
const COLUMNS = 6;
const SIDE = 256;
const GAP = 4;

const [
  model = "crayon",
  prompts = join(PACKAGE_ROOT, "configs/models/crayon/training/contact-sheet.txt"),
  target = join(PACKAGE_ROOT, "docs/images/contact-sheet.png"),
] = process.argv.slice(2);

const folder = mkdtempSync(join(tmpdir(), "contact-sheet-"));
try {
  const program = join(PACKAGE_ROOT, "bin/dream.js");
  execFileSync(process.execPath, [program, "--model", model, "--from_file", prompts, "--outdir", folder], { stdio: "inherit" });
  const pictures = readdirSync(folder)
    .filter((name) => name.endsWith(".png"))
    .sort();
  const rows = Math.ceil(pictures.length / COLUMNS);
  const sheet = sharp({
    create: { width: COLUMNS * (SIDE + GAP) - GAP, height: rows * (SIDE + GAP) - GAP, channels: 3, background: "white" },
  });
  const cells = pictures.map((name, index) => ({
    input: join(folder, name),
    left: (index % COLUMNS) * (SIDE + GAP),
    top: Math.floor(index / COLUMNS) * (SIDE + GAP),
  }));
  await sheet.composite(cells).png({ compressionLevel: 9 }).toFile(target);
  console.log(`${pictures.length} pictures in ${target}`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

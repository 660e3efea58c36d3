import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

/**
 * Makes the pictures of docs/prompts.md, rows of four for each construct, by the lines that stand there: `npm run docs:prompt-pictures`, or
 * those of some constructs with their names behind `--`. They are scaled down and have 128 colours.
 */
const ROWS: Readonly<Record<string, readonly string[]>> = {
  weights: [
    "a red star above a green house -S3",
    "a red star above a (green house)0.5 -S3",
    "a red star above a (green house)0.1 -S3",
    "a (red star)0.1 above a green house -S3",
  ],
  negative: [
    "a yellow moon in the night sky -S5",
    "a yellow moon in the night sky [yellow] -S5",
    "a yellow moon in the night sky [stars] -S5",
    "a yellow moon in the night sky [(night sky)1.5] -S5",
  ],
  blend: [
    '("a red circle", "a blue circle").blend(1,0) -S7',
    '("a red circle", "a blue circle").blend(0.6,0.4) -S7',
    '("a red circle", "a blue circle").blend(0.4,0.6) -S7',
    '("a red circle", "a blue circle").blend(0,1) -S7',
  ],
  legacy: [
    "a red star:1 a yellow star:0 -S7",
    "a red star:2 a yellow star:1 -S7",
    "a red star:1 a yellow star:2 -S7",
    "a red star:0 a yellow star:1 -S7",
  ],
  swap: [
    "a red circle above a green house -S3",
    "a red (circle).swap(star) above a green house -S3",
    "a red (circle).swap(star, t_start=0.3) above a green house -S3",
    "a red (circle).swap(star, shape_freedom=0) above a green house -S3",
  ],
  "clip-skip": [
    "a red star above a green house, watercolour -S8",
    "a red star above a green house, watercolour --clip_skip 2 -S8",
    "a red star above a green house, watercolour --clip_skip 3 -S8",
  ],
  "long-prompts": [
    `a red heart${", flat".repeat(36)}, on a yellow background -S2`,
    `a red heart${", flat".repeat(36)}, on a yellow background --long_prompts -S2`,
    "a red heart, on a yellow background -S2",
  ],
  embeddings: [
    "a <olive> star on a yellow background -S4",
    "a <olive> house at sunset -S5",
    "a <olive> fish over the sea -S6",
    "a <olive> heart -S7",
    "a green star on a yellow background -S4",
    "a green house at sunset -S5",
    "a green fish over the sea -S6",
    "a green heart -S7",
  ],
  loras: [
    "a red star above a green house -S3",
    "a yellow fish -S6",
    "a purple flower -S2",
    "a blue boat -S4",
    "a red star above a green house withLora(blueprint) -S3",
    "a yellow fish withLora(blueprint) -S6",
    "a purple flower withLora(blueprint) -S2",
    "a blue boat withLora(blueprint) -S4",
  ],
  conjunction: [
    "a red star -S9",
    "a green house -S9",
    '("a red star", "a green house").and() -S9',
    '("a red star", "a green house").and(0.5,1) -S9',
  ],
};

const SIDE = 160;
const GAP = 4;
const COLUMNS = 4;
const target = join(PACKAGE_ROOT, "docs", "images", "prompts");

const folder = mkdtempSync(join(tmpdir(), "prompts-"));
try {
  const asked = process.argv.slice(2);
  const rows = Object.entries(ROWS).filter(([name]) => asked.length === 0 || asked.includes(name));
  const input = rows.flatMap(([, lines]) => lines).join("\n");
  const [embeddings, loras] = ["embeddings", "loras"].map((name) => join(PACKAGE_ROOT, "configs", name)) as [string, string];
  const switches = ["-o", folder, "--embedding_path", embeddings, "--lora_directory", loras];
  execFileSync(process.execPath, [join(PACKAGE_ROOT, "bin", "dream.js"), ...switches], {
    input: `${input}\n`,
    stdio: ["pipe", "inherit", "inherit"],
  });
  const made = readdirSync(folder)
    .filter((name) => name.endsWith(".png"))
    .sort();
  mkdirSync(target, { recursive: true });
  for (const [name, lines] of rows) {
    const pictures = made.splice(0, lines.length);
    const cells = await Promise.all(
      pictures.map(async (file, index) => ({
        input: await sharp(join(folder, file)).resize(SIDE).toBuffer(),
        left: (index % COLUMNS) * (SIDE + GAP),
        top: Math.floor(index / COLUMNS) * (SIDE + GAP),
      })),
    );
    const width = Math.min(COLUMNS, lines.length) * (SIDE + GAP) - GAP;
    const height = Math.ceil(lines.length / COLUMNS) * (SIDE + GAP) - GAP;
    const row = await sharp({ create: { width, height, channels: 3, background: "white" } })
      .composite(cells)
      .png()
      .toBuffer();
    await sharp(row)
      .png({ palette: true, colours: 128, compressionLevel: 9 })
      .toFile(join(target, `${name}.png`));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

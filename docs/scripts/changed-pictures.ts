import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

/** A row of pictures, made by the lines that stand in docs/pictures.md, one after the other in one folder. */
interface Row {
  readonly lines: readonly string[];
  /** Show every picture twice across and down, so that its borders meet. */
  readonly tiled?: true;
  /** A mask named mask.png lies beside the pictures: black where this part (left, top, width, height) of 256×256 pixels is. */
  readonly mask?: readonly [number, number, number, number];
}

/**
 * Makes the pictures of docs/pictures.md, before and after: `npm run docs:changed-pictures`, or some rows with their names behind `--`. They are
 * scaled to one height and have 128 colours.
 */
const ROWS: Readonly<Record<string, Row>> = {
  noise: {
    lines: [
      "a red fish in the blue sea -S 42",
      "a red fish in the blue sea -S 42 --perlin 0.6",
      "a red fish in the blue sea -S 42 -C 15",
      "a red fish in the blue sea -S 42 -C 15 --threshold 6",
    ],
  },
  symmetry: {
    lines: [
      "a red fish in the blue sea -S 42",
      "a red fish in the blue sea -S 42 --h_symmetry_time_pct 0.8",
      "a red fish in the blue sea -S 42 --v_symmetry_time_pct 0.8",
    ],
  },
  seamless: {
    tiled: true,
    lines: ["a white cloud on a blue to green gradient -S 3", "a white cloud on a blue to green gradient -S 3 --seamless"],
  },
  colours: {
    lines: [
      "a red flower on a meadow -S 8",
      "a white boat on the sea, sunset -S 4",
      "a red flower on a meadow -S 8 --init_color 000002.4.png",
    ],
  },
  hires: {
    lines: [
      "a red house on a green background -S 3 -W 512 -H 512",
      "a red house on a green background -S 3 -W 512 -H 512 --hires_fix -f 0.4",
    ],
  },
  img2img: {
    lines: [
      "a red circle on a yellow background -S 2",
      "a purple flower on a meadow -I 000001.2.png -S 5 -f 0.2",
      "a purple flower on a meadow -I 000001.2.png -S 5 -f 0.4",
      "a purple flower on a meadow -I 000001.2.png -S 5 -f 0.7",
    ],
  },
  inpainting: {
    mask: [40, 40, 176, 176],
    lines: ["a red circle on a yellow background -S 2", "a blue star on a yellow background -I 000001.2.png -M mask.png -S 5 -f 0.95"],
  },
  outpainting: {
    lines: [
      "a white boat on the sea -S 4",
      "!fix 000001.4.png -c left 128 right 128 --new_prompt 'the sea'",
      "!fix 000001.4.png -D left 96 --new_prompt 'the sea'",
    ],
  },
  embiggen: {
    lines: [
      "a purple flower on a meadow -S 3",
      "on a meadow, watercolour -I 000001.3.png -S 7 -W 256 -H 256 -C 1.1 -f 0.3 --embiggen 2.5",
      "a purple flower on a meadow -I 000001.3.png -S 7 -W 256 -H 256 -f 0.6 --embiggen 2.5",
    ],
  },
};

const HEIGHT = 240;
const GAP = 4;
const FOLDER = join(PACKAGE_ROOT, "docs", "images", "changed");

const wanted = process.argv.slice(2);
mkdirSync(FOLDER, { recursive: true });
for (const [name, row] of Object.entries(ROWS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const folder = mkdtempSync(join(tmpdir(), "changed-"));
  try {
    await writeRow(name, await draw(row, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function draw({ lines, tiled, mask }: Row, folder: string): Promise<Buffer[]> {
  if (mask !== undefined) await writeMask(join(folder, "mask.png"), mask);
  const input = `${lines.join("\n")}\n`;
  execFileSync(process.execPath, [join(PACKAGE_ROOT, "bin", "dream.js"), "-o", folder], { input, stdio: ["pipe", "ignore", "inherit"] });
  const made = readdirSync(folder).filter((file) => /^\d{6}\..*\.png$/.test(file));
  if (made.length < lines.length) throw new Error(`${made.length} pictures came of ${lines.length} lines: ${lines[0]}`);
  const shown = mask === undefined ? made.sort() : [made.sort()[0] as string, "mask.png", ...made.slice(1)];
  return Promise.all(shown.map((file) => cell(join(folder, file), tiled ?? false)));
}

async function writeMask(path: string, [left, top, width, height]: readonly [number, number, number, number]): Promise<void> {
  const hole = await sharp({ create: { width, height, channels: 3, background: "black" } })
    .png()
    .toBuffer();
  await sharp({ create: { width: 256, height: 256, channels: 3, background: "white" } })
    .composite([{ input: hole, left, top }])
    .toFile(path);
}

async function cell(path: string, tiled: boolean): Promise<Buffer> {
  if (!tiled) return sharp(path).resize({ height: HEIGHT }).png().toBuffer();
  const { width = 0, height = 0 } = await sharp(path).metadata();
  const corners = [0, 1, 2, 3].map((i) => ({ input: path, left: (i % 2) * width, top: Math.floor(i / 2) * height }));
  const four = await sharp({ create: { width: 2 * width, height: 2 * height, channels: 3, background: "white" } })
    .composite(corners)
    .png()
    .toBuffer();
  return sharp(four).resize({ height: HEIGHT }).png().toBuffer();
}

async function writeRow(name: string, cells: readonly Buffer[]): Promise<void> {
  let left = 0;
  const placed = [];
  for (const input of cells) {
    placed.push({ input, left, top: 0 });
    left += ((await sharp(input).metadata()).width ?? 0) + GAP;
  }
  await sharp({ create: { width: left - GAP, height: HEIGHT, channels: 3, background: "white" } })
    .composite(placed)
    .png({ palette: true, colours: 128, effort: 10 })
    .toFile(join(FOLDER, `${name}.png`));
}

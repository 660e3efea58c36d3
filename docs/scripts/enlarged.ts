import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { decodePicture } from "../../lib/images/pixels/decode-picture.js";
import type { RgbPicture } from "../../lib/images/pixels/encode-png.js";
import { enlarge } from "../../lib/images/pixels/enlarge.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

/** Makes docs/images/enlarged.png: part of a picture by the Lanczos filter beside the same part by -U: `npm run docs:enlarged`. */
const LINE = '"a red fish in the blue sea" -S 42 -U 4 1 -save_orig';
/** Of the enlarged picture, in pixels. */
const PART = { left: 180, top: 300, width: 380, height: 380 };
const GAP = 4;

const folder = mkdtempSync(join(tmpdir(), "enlarged-"));
try {
  execFileSync(process.execPath, [join(PACKAGE_ROOT, "bin", "dream.js"), "-o", folder], {
    input: `${LINE}\n`,
    stdio: ["pipe", "inherit", "inherit"],
  });
  const read = (name: string) => decodePicture(readFileSync(join(folder, name)), name);
  const soft = await enlarge(await read("000001.42.png"), 4, 1);
  const sharper = await read("000001.42.postprocessed.png");
  const part = ({ width, height, rgb }: RgbPicture) =>
    sharp(rgb, { raw: { width, height, channels: 3 } })
      .extract(PART)
      .png()
      .toBuffer();
  const target = join(PACKAGE_ROOT, "docs", "images", "enlarged.png");
  await sharp({ create: { width: 2 * PART.width + GAP, height: PART.height, channels: 3, background: "white" } })
    .composite([
      { input: await part(soft), left: 0, top: 0 },
      { input: await part(sharper), left: PART.width + GAP, top: 0 },
    ])
    .png({ compressionLevel: 9, palette: true })
    .toFile(target);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

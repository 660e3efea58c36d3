import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { hidePicture } from "../../lib/images/painting/hide-picture.js";
import { decodePicture } from "../../lib/images/pixels/decode-picture.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

/** Makes docs/images/hidden.png: what is shown of a picture that the NSFW checker finds unsafe: `npm run docs:hidden`. */
const LINE = '"a red fish in the blue sea" -S 42';

const folder = mkdtempSync(join(tmpdir(), "hidden-"));
try {
  execFileSync(process.execPath, [join(PACKAGE_ROOT, "bin", "dream.js"), "-o", folder], {
    input: `${LINE}\n`,
    stdio: ["pipe", "inherit", "inherit"],
  });
  const { rgb, width, height } = await hidePicture(await decodePicture(readFileSync(join(folder, "000001.42.png")), "000001.42.png"));
  await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 9, palette: true })
    .toFile(join(PACKAGE_ROOT, "docs", "images", "hidden.png"));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

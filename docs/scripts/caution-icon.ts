import { writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

/** Draws configs/caution.png, the sign on pictures that the NSFW checker hides: a triangle with rounded corners and an exclamation mark. */

/** The size in which InvokeAI shows its sign. */
const [WIDTH, HEIGHT] = [250, 220];
const SIGN = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 500 440">
  <path d="M250 40 L460 401 L40 401 Z" fill="#f5c518" stroke="#202020" stroke-width="40" stroke-linejoin="round"/>
  <path d="M222 150 L278 150 L264 290 L236 290 Z" fill="#202020" stroke="#202020" stroke-width="14" stroke-linejoin="round"/>
  <circle cx="250" cy="342" r="27" fill="#202020"/>
</svg>`;

const png = await sharp(Buffer.from(SIGN)).png({ palette: true, colours: 64, compressionLevel: 9 }).toBuffer();
writeFileSync(join(PACKAGE_ROOT, "configs", "caution.png"), png);

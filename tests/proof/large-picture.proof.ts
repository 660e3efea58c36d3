import { openModel } from "../../lib/models/open-model.js";
import { createNetworks } from "../../lib/networks/network-sessions.js";
import { toRgb } from "../../lib/pipeline/rgb.js";
import { proofModel } from "./embedded-model.js";

/*
 * Claim: above 512×512 the VAE decodes in bands, and no pixel differs from decoding the whole picture by more than 2 of 255. The latents
 * are those of a drawn scene with flat and busy parts, where a seam or a shift of colours would show.
 */
const LIMIT = 2;
const SCALE = 8;

const model = await openModel(await proofModel());
if (model.layout === "onnx") throw new Error("exported graphs are decoded in tiles, not in bands");
const networks = await createNetworks(model, { threads: 2, memory: "fast", modelCache: "off", seamless: "" });
const { vaeEncoder, vaeDecoder } = networks;
let holds = true;
for (const [width, height] of [
  [768, 576],
  [512, 1024],
] as const) {
  const { mean } = await vaeEncoder.encode(scene(width, height), { width, height });
  const shape = { width: width / SCALE, height: height / SCALE };
  const started = performance.now();
  const whole = toRgb(await vaeDecoder.decode(mean, shape), width, height);
  const decoded = performance.now();
  let bands = 0;
  const banded = toRgb(await vaeDecoder.decodeInBands!(mean, shape, async () => void bands++), width, height);
  const difference = whole.rgb.reduce((worst, value, i) => Math.max(worst, Math.abs(value - banded.rgb[i]!)), 0);
  const seconds = (from: number, to: number) => ((to - from) / 1000).toFixed(1);
  console.log(
    `${width}×${height}: whole ${seconds(started, decoded)} s, ${bands} bands ${seconds(decoded, performance.now())} s, largest difference ${difference}`,
  );
  holds &&= difference <= LIMIT;
}
for (const network of [networks.textEncoder, networks.unet, vaeEncoder, vaeDecoder]) await network.release();
process.exitCode = holds ? 0 : 1;

/** Sky, meadow, a disc and a chequered square, in −1 … 1, (3, height, width). */
function scene(width: number, height: number): Float32Array {
  const area = width * height;
  const picture = new Float32Array(3 * area);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [u, v] = [x / width, y / height];
      let color = v < 0.6 ? [0.2 + v, 0.5 + v * 0.6, 0.95] : [0.2, 0.7 - 0.3 * v, 0.2];
      if (Math.hypot(u - 0.7, (v - 0.25) * (height / width)) < 0.12) color = [1, 0.85, 0.1];
      if (u > 0.15 && u < 0.45 && v > 0.4 && v < 0.8)
        color = (Math.floor(x / 16) + Math.floor(y / 16)) % 2 ? [0.8, 0.1, 0.1] : [0.95, 0.9, 0.8];
      for (let channel = 0; channel < 3; channel++) picture[channel * area + y * width + x] = color[channel]! * 2 - 1;
    }
  }
  return picture;
}

import path from "node:path";
import { expect, test } from "@jest/globals";
import type { WeightsModel } from "../../lib/models/model-components.js";
import { openModel } from "../../lib/models/open-model.js";
import { buildVaeEncoder } from "../../lib/networks/autoencoder-kl.js";
import { BandedEncoder } from "../../lib/networks/banded-encoder.js";
import { fastConvolutions } from "../../lib/networks/convolution/policy.js";
import type { BuildOptions } from "../../lib/networks/network-builder.js";
import { ShapedNetwork } from "../../lib/networks/shaped-network.js";
import { MINIATURES } from "../oracles/read-oracle.js";

const model = (await openModel(path.join(MINIATURES, "sd1"))) as WeightsModel;

/** Rounding: means are about 1, log-variances about 10. */
const TOLERANCE = 1e-4;

test.each(["", "xy"] as const)("bands give the whole encoder's distribution, seamless %j", async (seamless) => {
  const { config, weights } = model.vae;
  // So small that the bands are low and there are several of them.
  const build: BuildOptions = { convolutions: fastConvolutions, seamless, bandBytes: 4e4 };
  const network = new ShapedNetwork({ name: "vae", source: weights, threads: 1, releaseScratch: false, capacity: 1, onNotice: () => {} });
  const extent = { height: 192, width: 64 };
  const picture = Float32Array.from({ length: 3 * 192 * 64 }, (_, i) => Math.sin(0.037 * i) * Math.cos(1e-5 * i * i));
  const whole = await network.run("whole", (source) => buildVaeEncoder(config, source, extent, build), {
    pixels: { data: picture, shape: [1, 3, 192, 64] },
  });
  let bands = 0;
  const banded = await new BandedEncoder(network, config, build).encode(picture, extent, async () => {
    bands++;
  });
  await network.release();
  expect(bands).toBeGreaterThan(20);
  expect(banded).toHaveLength(whole.length);
  expect(banded.reduce((worst, value, i) => Math.max(worst, Math.abs(value - whole[i]!)), 0)).toBeLessThan(TOLERANCE);
});

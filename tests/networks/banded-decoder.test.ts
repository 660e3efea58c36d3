import path from "node:path";
import { expect, test } from "@jest/globals";
import type { WeightsModel } from "../../lib/models/model-components.js";
import { openModel } from "../../lib/models/open-model.js";
import { buildVaeDecoder } from "../../lib/networks/autoencoder-kl.js";
import { BandedDecoder } from "../../lib/networks/banded-decoder.js";
import { fastConvolutions } from "../../lib/networks/convolution/policy.js";
import type { BuildOptions } from "../../lib/networks/network-builder.js";
import { ShapedNetwork } from "../../lib/networks/shaped-network.js";
import { MINIATURES } from "../oracles/read-oracle.js";

const model = (await openModel(path.join(MINIATURES, "sd1"))) as WeightsModel;

/** A quarter of what a step of one in 255 is. */
const TOLERANCE = 0.25 / 127.5;

test.each(["", "xy"] as const)("bands give the whole decoder's pixels, seamless %j", async (seamless) => {
  const { config, weights } = model.vae;
  // So small that the bands are low and there are several of them.
  const build: BuildOptions = { convolutions: fastConvolutions, seamless, bandBytes: 4e4 };
  const network = new ShapedNetwork({ name: "vae", source: weights, threads: 1, releaseScratch: false, capacity: 1, onNotice: () => {} });
  const extent = { height: 24, width: 8 };
  const latents = Float32Array.from({ length: 4 * 24 * 8 }, (_, i) => Math.sin(0.37 * i) + Math.cos(0.001 * i * i));
  const whole = await network.run("whole", (source) => buildVaeDecoder(config, source, extent, build), {
    latents: { data: latents, shape: [1, 4, 24, 8] },
  });
  let bands = 0;
  const banded = await new BandedDecoder(network, config, build).decode(latents, extent, async () => {
    bands++;
  });
  await network.release();
  expect(bands).toBeGreaterThan(30);
  expect(banded).toHaveLength(whole.length);
  expect(banded.reduce((worst, value, i) => Math.max(worst, Math.abs(value - whole[i]!)), 0)).toBeLessThan(TOLERANCE);
});

import path from "node:path";
import { expect, test } from "@jest/globals";
import { ldmUnetSource } from "../../lib/checkpoints/ldm-sources.js";
import { openWeights } from "../../lib/checkpoints/open-weights.js";
import { unetConfigFromShapes } from "../../lib/models/ldm-config.js";
import { readSideConfig } from "../../lib/models/side-config.js";
import { fastConvolutions, leanConvolutions } from "../../lib/networks/convolution/policy.js";
import { ShapedNetwork } from "../../lib/networks/shaped-network.js";
import { buildUNet } from "../../lib/networks/unet.js";
import { floats, MINIATURES, readOracle, relativeError } from "../oracles/read-oracle.js";

const NAME = "sd1-inpainting-fp16";
const TOLERANCE = 1e-4;
const TOKENS = 77;

/** A file that holds a U-Net of nine input channels and nothing else: no model that could be opened, so the network is built from it. */
test.each([
  ["a", "fast"],
  ["b", "fast"],
  ["a", "lean"],
  ["b", "lean"],
] as const)("U-Net of an inpainting file, call %s, %s", async (which, memory) => {
  const oracle = readOracle(NAME);
  const { weights: file } = await openWeights(path.join(MINIATURES, `${NAME}.safetensors`));
  const config = unetConfigFromShapes(file, await readSideConfig(path.join(MINIATURES, "sd1-inpainting.yaml")), 8);
  const [batch = 0, channels = 0, height = 0, width = 0] = oracle.get(`unet.${which}.sample`)?.shape ?? [];
  expect(channels).toBe(9);
  const lean = memory === "lean";
  const network = new ShapedNetwork({
    name: "unet",
    source: ldmUnetSource(file, config),
    threads: 1,
    releaseScratch: lean,
    capacity: 1,
    onNotice: () => {},
  });
  const build = { convolutions: lean ? leanConvolutions : fastConvolutions, seamless: "", bandBytes: lean ? 12e6 : 24e6 } as const;
  const got = await network.run(which, (source) => buildUNet(config, source, { batch, height, width, tokens: TOKENS }, build), {
    sample: { data: floats(oracle, `unet.${which}.sample`), shape: [batch, channels, height, width] },
    timestep: { data: floats(oracle, `unet.${which}.timestep`), shape: [1] },
    context: { data: floats(oracle, "unet.context"), shape: [batch, TOKENS, config.crossAttentionDim] },
  });
  await network.release();
  expect(relativeError(got, floats(oracle, `unet.${which}.out`))).toBeLessThan(TOLERANCE);
});

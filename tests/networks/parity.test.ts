import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { WeightsModel } from "../../lib/models/model-components.js";
import { openModel } from "../../lib/models/open-model.js";
import { createNetworks, type Networks } from "../../lib/networks/network-sessions.js";
import { floats, integers, MINIATURES, type OracleTensor, readOracle, relativeError } from "../oracles/read-oracle.js";

/** fp32 arithmetic in another order: Winograd alone is good for some 1e-5 on these miniatures. */
const TOLERANCE = 1e-4;

async function load(file: string, memory: "fast" | "lean" = "fast"): Promise<{ model: WeightsModel; networks: Networks }> {
  const model = await openModel(path.join(MINIATURES, file));
  if (model.layout === "onnx") throw new Error("not a model with weights");
  return { model, networks: await createNetworks(model, { threads: 2, memory, modelCache: "off", seamless: "" }) };
}

function shapeOf(oracle: ReadonlyMap<string, OracleTensor>, key: string): { batch: number; height: number; width: number } {
  const [batch, , height, width] = oracle.get(key)?.shape ?? [];
  if (batch === undefined || height === undefined || width === undefined) throw new Error(`${key} is not a batch of pictures`);
  return { batch, height, width };
}

describe.each([
  ["sd1", "sd1"],
  ["sd2", "sd2"],
])("%s", (folder, oracleName) => {
  const oracle = readOracle(oracleName);
  const loaded = load(folder);

  test.each(["a", "b"])("U-Net call %s", async (which) => {
    const { networks } = await loaded;
    const got = await networks.unet.predict(
      floats(oracle, `unet.${which}.sample`),
      floats(oracle, `unet.${which}.timestep`)[0] as number,
      floats(oracle, "unet.context"),
      shapeOf(oracle, `unet.${which}.sample`),
    );
    expect(relativeError(got, floats(oracle, `unet.${which}.out`))).toBeLessThan(TOLERANCE);
  });

  test.each([
    ["text.last", 0, false],
    ["text.skip1", 1, false],
    ["text.skip2", 2, false],
    ["text.masked", 0, true],
  ] as const)("text encoder: %s", async (key, clipSkip, masked) => {
    const { networks } = await loaded;
    const mask = masked ? integers(oracle, "text.mask") : undefined;
    const got = await networks.textEncoder.encode(integers(oracle, "text.tokens"), 2, clipSkip, mask);
    expect(relativeError(got, floats(oracle, key))).toBeLessThan(TOLERANCE);
  });

  test("VAE decoder", async () => {
    const { networks } = await loaded;
    const got = await networks.vaeDecoder.decode(floats(oracle, "vae.latent"), shapeOf(oracle, "vae.latent"));
    expect(relativeError(got, floats(oracle, "vae.decoded"))).toBeLessThan(TOLERANCE);
  });

  test("VAE encoder", async () => {
    const { networks } = await loaded;
    const got = await networks.vaeEncoder.encode(floats(oracle, "vae.image"), shapeOf(oracle, "vae.image"));
    expect(relativeError(got.mean, floats(oracle, "vae.mean"))).toBeLessThan(TOLERANCE);
    expect(relativeError(got.logvar, floats(oracle, "vae.logvar"))).toBeLessThan(TOLERANCE);
  });
});

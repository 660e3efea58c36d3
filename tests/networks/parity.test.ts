import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { WeightsModel } from "../../lib/models/model-components.js";
import { openModel } from "../../lib/models/open-model.js";
import { createNetworks, type Networks } from "../../lib/networks/network-sessions.js";
import { floats, integers, MINIATURES, type OracleTensor, readOracle, relativeError } from "../oracles/read-oracle.js";

/** fp32 arithmetic in another order: Winograd alone is good for some 1e-5 on these miniatures. */
const TOLERANCE = 1e-4;

async function load(file: string, memory: "fast" | "lean" = "fast"): Promise<{ model: WeightsModel; networks: Networks }> {
  // The miniatures' heads and norm groups cannot be told from shapes; a side configuration says them.
  const config = file.endsWith(".safetensors") ? path.join(MINIATURES, `${file.slice(0, 3)}.yaml`) : undefined;
  const model = await openModel(path.join(MINIATURES, file), { config });
  if (model.layout === "onnx") throw new Error("not a model with weights");
  return { model, networks: await createNetworks(model, { threads: 1, memory, modelCache: "off", seamless: "" }) };
}

function shapeOf(oracle: ReadonlyMap<string, OracleTensor>, key: string): { batch: number; height: number; width: number } {
  const [batch, , height, width] = oracle.get(key)?.shape ?? [];
  if (batch === undefined || height === undefined || width === undefined) throw new Error(`${key} is not a batch of pictures`);
  return { batch, height, width };
}

describe.each([
  // A file, its oracle, and the layers that the program itself leaves out: the oracle counts the layers of the file.
  ["sd1", "sd1", 0],
  ["sd2", "sd2", 0],
  ["sd1-fp32.safetensors", "sd1", 0],
  ["sd1-fp16.safetensors", "sd1-fp16", 0],
  ["sd1-bf16.safetensors", "sd1-bf16", 0],
  ["sd2-fp16.safetensors", "sd2-fp16", 1],
] as const)("%s", (file, oracleName, leftOut) => {
  const oracle = readOracle(oracleName);
  const loaded = load(file);

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

  test("a window that stands twice in the context changes nothing", async () => {
    const { networks } = await loaded;
    const shape = shapeOf(oracle, "unet.a.sample");
    const context = floats(oracle, "unet.context");
    const half = context.length / 2;
    const [first, second] = [context.slice(0, half), context.slice(half)];
    const twice = Float32Array.from([...first, ...first, ...second, ...second]);
    const sample = floats(oracle, "unet.a.sample");
    const timestep = floats(oracle, "unet.a.timestep")[0] as number;
    const got = await networks.unet.predict(sample, timestep, twice, { ...shape, tokens: 154 });
    expect(relativeError(got, floats(oracle, "unet.a.out"))).toBeLessThan(TOLERANCE);
  });

  const texts = [
    ["text.last", 0, false],
    ["text.skip1", 1, false],
    ["text.skip2", 2, false],
    ["text.masked", 0, true],
  ] as const;
  test.each(texts.filter(([, skipped]) => skipped >= leftOut))("text encoder: %s", async (key, clipSkip, masked) => {
    const { networks } = await loaded;
    const mask = masked ? integers(oracle, "text.mask") : undefined;
    const got = await networks.textEncoder.encode(integers(oracle, "text.tokens"), 2, clipSkip - leftOut, mask);
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

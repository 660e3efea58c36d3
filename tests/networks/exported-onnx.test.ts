import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { PromptEncoder } from "../../lib/conditioning/encode-prompt.js";
import { loadTokenizer } from "../../lib/conditioning/tokenizer.js";
import type { OnnxModel } from "../../lib/models/model-components.js";
import { createExportedNetworks } from "../../lib/networks/exported-onnx.js";
import type { Networks } from "../../lib/networks/network-sessions.js";
import { STABLE_DIFFUSION_SCHEDULE } from "../../lib/samplers/scheduler-config.js";
import { floats, integers, MINIATURES, ORACLES, readOracle, relativeError } from "../oracles/read-oracle.js";

const oracle = readOracle("sd1");

function exported(name: string): Networks {
  const graph = (part: string) => ({ modelPath: path.join(ORACLES, "onnx-folder", name, part, "model.onnx") });
  const model: OnnxModel = {
    layout: "onnx",
    origin: name,
    family: "SD 1.x",
    tokenizer: {},
    scheduler: STABLE_DIFFUSION_SCHEDULE,
    nativeSize: { width: 64, height: 64 },
    files: [],
    parameterBytes: 1,
    scalingFactor: 0.18215,
    textEncoder: graph("text_encoder"),
    unet: graph("unet"),
    vaeDecoder: graph("vae_decoder"),
    vaeEncoder: graph("vae_encoder"),
  };
  return createExportedNetworks(model, { threads: 1, memory: "fast" });
}

/** Half precision keeps three digits. */
describe.each([
  ["optimum", 1e-4],
  ["diffusers", 2e-2],
])("a folder exported by %s", (name, tolerance) => {
  const networks = exported(name);

  test("text encoder", async () => {
    const states = await networks.textEncoder.encode(integers(oracle, "text.tokens"), 2, 0);
    expect(relativeError(states, floats(oracle, "text.last"))).toBeLessThan(tolerance);
    expect(networks.textEncoder.width).toBe(16);
    await expect(networks.textEncoder.encode(integers(oracle, "text.tokens"), 2, 1)).rejects.toMatchObject({ code: "model/unsupported" });
  });

  test("a file without a mask says so, and words that weigh less are removed instead", async () => {
    const { textEncoder } = networks;
    expect(await textEncoder.canHide()).toBe(false);
    const masked = textEncoder.encode(integers(oracle, "text.tokens"), 2, 0, integers(oracle, "text.mask"));
    await expect(masked).rejects.toMatchObject({ code: "model/unsupported" });
    const tokenizer = await loadTokenizer(path.join(MINIATURES, "sd1", "tokenizer"));
    const request = { clipSkip: 0, cfgScale: 1 };
    const faded = await new PromptEncoder(tokenizer, textEncoder).encode({ ...request, prompt: "a (red)0 cat" }, async () => {});
    const without = await new PromptEncoder(tokenizer, textEncoder).encode({ ...request, prompt: "a cat" }, async () => {});
    expect(relativeError(faded.positive, without.positive)).toBeLessThan(1e-3);
  });

  test("U-Net, both passes together", async () => {
    const shape = { batch: 2, height: 8, width: 8 };
    const got = await networks.unet.predict(floats(oracle, "unet.b.sample"), 1, floats(oracle, "unet.context"), shape);
    expect(relativeError(got, floats(oracle, "unet.b.out"))).toBeLessThan(tolerance);
  });

  test("U-Net, one pass, also where the file wants two", async () => {
    const half = (values: Float32Array) => values.slice(values.length / 2);
    const shape = { batch: 1, height: 8, width: 8 };
    const got = await networks.unet.predict(half(floats(oracle, "unet.b.sample")), 1, half(floats(oracle, "unet.context")), shape);
    expect(relativeError(got, half(floats(oracle, "unet.b.out")))).toBeLessThan(tolerance);
  });

  test("VAE", async () => {
    const decoded = await networks.vaeDecoder.decode(floats(oracle, "vae.latent"), { height: 8, width: 16 });
    expect(relativeError(decoded, floats(oracle, "vae.decoded"))).toBeLessThan(tolerance);
    const { mean } = await networks.vaeEncoder.encode(floats(oracle, "vae.image"), { height: 64, width: 128 });
    expect(relativeError(mean, floats(oracle, "vae.mean"))).toBeLessThan(tolerance);
  });
});

test("free sizes, a fractional timestep and the variance where the file has them", async () => {
  const networks = exported("optimum");
  const timestep = floats(oracle, "unet.a.timestep")[0]!;
  const shape = { batch: 2, height: 16, width: 24 };
  const got = await networks.unet.predict(floats(oracle, "unet.a.sample"), timestep, floats(oracle, "unet.context"), shape);
  expect(relativeError(got, floats(oracle, "unet.a.out"))).toBeLessThan(1e-4);
  const { logvar } = await networks.vaeEncoder.encode(floats(oracle, "vae.image"), { height: 64, width: 128 });
  expect(relativeError(logvar, floats(oracle, "vae.logvar"))).toBeLessThan(1e-4);
});

test.each(["optimum", "diffusers"])("a context of two windows is refused by %s's file, which takes one", async (name) => {
  const shape = { batch: 2, height: 8, width: 8, tokens: 154 };
  const call = exported(name).unet.predict(floats(oracle, "unet.b.sample"), 1, new Float32Array(2 * 154 * 16), shape);
  await expect(call).rejects.toMatchObject({ code: "model/unsupported", message: expect.stringContaining("for 77 tokens, not 154") });
});

test("a size that the file was not exported for is refused with the one there is", async () => {
  const shape = { batch: 2, height: 16, width: 24 };
  const call = exported("diffusers").unet.predict(floats(oracle, "unet.a.sample"), 1, floats(oracle, "unet.context"), shape);
  await expect(call).rejects.toMatchObject({ code: "usage/size", message: expect.stringContaining("pictures of 64×64 only, not 192×128") });
});

test("a file that is no graph is refused by name", async () => {
  const networks = exported("nowhere");
  await expect(networks.vaeDecoder.decode(new Float32Array(256), { height: 8, width: 8 })).rejects.toMatchObject({
    code: "model/not-a-model",
  });
});

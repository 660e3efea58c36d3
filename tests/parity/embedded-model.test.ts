import { existsSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { openModel } from "../../lib/models/open-model.js";
import { createNetworks, type Networks } from "../../lib/networks/network-sessions.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { floats, integers, ORACLES, type OracleTensor, readOracle, relativeError } from "../oracles/read-oracle.js";

/**
 * The model that ships, network by network, against diffusers. After a change of its weights both oracles are made anew:
 * `python tests/oracles/networks/make.py --folder configs/models/crayon` and `python tests/oracles/pictures/make.py configs/models/crayon`.
 */
const NAME = "crayon";
const FOLDER = path.join(PACKAGE_ROOT, "configs", "models", NAME);
const TOLERANCE = 1e-4;
const shipped = existsSync(FOLDER) && existsSync(path.join(ORACLES, "networks", `${NAME}.safetensors`));

(shipped ? describe : describe.skip).each(["fast", "lean"] as const)("embedded model, %s", (memory) => {
  const oracle: ReadonlyMap<string, OracleTensor> = shipped ? readOracle(NAME) : new Map<string, OracleTensor>();
  let networks: Networks;

  beforeAll(async () => {
    const model = await openModel(FOLDER);
    if (model.layout === "onnx") throw new Error("the embedded model is a folder of weights");
    networks = await createNetworks(model, { threads: 1, memory, modelCache: "off", seamless: "" });
  });

  test.each(["a", "b"])("U-Net call %s", async (which) => {
    const [batch, , height, width] = oracle.get(`unet.${which}.sample`)!.shape as [number, number, number, number];
    const sample = floats(oracle, `unet.${which}.sample`);
    const timestep = floats(oracle, `unet.${which}.timestep`)[0]!;
    const got = await networks.unet.predict(sample, timestep, floats(oracle, "unet.context"), { batch, height, width });
    expect(relativeError(got, floats(oracle, `unet.${which}.out`))).toBeLessThan(TOLERANCE);
  });

  test.each([
    ["text.last", 0],
    ["text.skip1", 1],
    ["text.skip2", 2],
  ] as const)("%s", async (key, clipSkip) => {
    const got = await networks.textEncoder.encode(integers(oracle, "text.tokens"), 2, clipSkip);
    expect(relativeError(got, floats(oracle, key))).toBeLessThan(TOLERANCE);
  });

  test("VAE decoder", async () => {
    const [, , height, width] = oracle.get("vae.latent")!.shape as [number, number, number, number];
    const got = await networks.vaeDecoder.decode(floats(oracle, "vae.latent"), { height, width });
    expect(relativeError(got, floats(oracle, "vae.decoded"))).toBeLessThan(TOLERANCE);
  });

  test("VAE encoder", async () => {
    const [, , height, width] = oracle.get("vae.image")!.shape as [number, number, number, number];
    const { mean, logvar } = await networks.vaeEncoder.encode(floats(oracle, "vae.image"), { height, width });
    expect(relativeError(mean, floats(oracle, "vae.mean"))).toBeLessThan(TOLERANCE);
    expect(relativeError(logvar, floats(oracle, "vae.logvar"))).toBeLessThan(TOLERANCE);
  });
});

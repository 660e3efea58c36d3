import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { AdaptableLayers } from "../../lib/adapters/adaptable-layers.js";
import { type CombinedLoras, combineLoras } from "../../lib/adapters/combine-loras.js";
import { DreamError } from "../../lib/errors.js";
import { openModel } from "../../lib/models/open-model.js";
import { createNetworks } from "../../lib/networks/network-sessions.js";
import type { WeightDeltas } from "../../lib/networks/weight-delta.js";
import { floats, integers, MINIATURES, ORACLES, readOracle, relativeError } from "../oracles/read-oracle.js";

const TOLERANCE = 1e-4;
const expected = readOracle("../lora/expected");

async function load(file: string) {
  const config = file.endsWith(".safetensors") ? path.join(MINIATURES, `${file.slice(0, 3)}.yaml`) : undefined;
  const model = await openModel(path.join(MINIATURES, file), { config });
  if (model.layout === "onnx") throw new Error("not a model with weights");
  const networks = await createNetworks(model, { threads: 1, memory: "fast", modelCache: "off", seamless: "" });
  return { networks, layers: new AdaptableLayers(model) };
}

/** A weight, negative or not, for each file of the oracle: a name without ending is a .safetensors file, one with a stroke a folder. */
function read({ layers }: Awaited<ReturnType<typeof load>>, uses: Readonly<Record<string, number>>): Promise<CombinedLoras> {
  const loras = Object.entries(uses).map(([name, weight]) => {
    const file = name.endsWith("/") || name.includes(".") ? name : `${name}.safetensors`;
    return { name, path: path.join(ORACLES, "lora", file), weight };
  });
  return combineLoras(loras, layers, async () => undefined);
}

describe.each([
  ["sd1", "sd1", ["kohya", "tucker", "lokr", "diffusers", "diffusers-2023", "processors", "peft/", "peft-loha/"]],
  ["sd2-fp16.safetensors", "sd2", ["kohya-sd2"]],
] as const)("%s", (file, given, loras) => {
  const inputs = readOracle(given);
  const loaded = load(file);

  test.each([
    ...loras.map((name) => [name.replace("/", ""), { [name]: 0.8 }] as const),
    ...(file === "sd1" ? [["both", { kohya: 0.8, loha: -0.5 }] as const] : []),
  ])("%s", async (name, uses) => {
    const { networks } = await loaded;
    const { deltas, notes } = await read(await loaded, uses);
    expect(notes).toEqual([]);
    const { textEncoder, unet } = networks.adapt!(deltas);
    const timestep = floats(inputs, "unet.b.timestep")[0] as number;
    const shape = { batch: 2, height: 8, width: 8 };
    const answers = {
      text: await textEncoder.encode(integers(inputs, "text.tokens").slice(77), 1, 0),
      unet: await unet.predict(floats(inputs, "unet.b.sample"), timestep, floats(inputs, "unet.context"), shape),
    };
    for (const [part, answer] of Object.entries(answers)) {
      expect(relativeError(answer, floats(expected, `${name}.${part}`))).toBeLessThan(TOLERANCE);
    }
    await Promise.all([unet.release(), textEncoder.release()]);
  });
});

test.each([
  ["layers named as in the original checkpoints", "sd1", "ldm-names", "sd1", "kohya"],
  ["a file by torch", "sd1", "kohya.pt", "sd1", "kohya"],
  ["the same model as a single file", "sd1-fp32.safetensors", "ldm-names", "sd1", "kohya"],
  ["a folder of the model of a file", "sd2", "kohya-sd2", "sd2-fp16.safetensors", "kohya-sd2"],
])("%s: the same changes", async (_what, model, lora, otherModel, otherLora) => {
  const { deltas } = await read(await load(model), { [lora]: 1 });
  const other = await read(await load(otherModel), { [otherLora]: 1 });
  expect(deltas.unet.size).toBeGreaterThan(8);
  const sorted = (map: WeightDeltas) => [...map].sort(([one], [two]) => (one < two ? -1 : 1));
  expect(sorted(deltas.unet)).toEqual(sorted(other.deltas.unet));
  expect(sorted(deltas.textEncoder)).toEqual(sorted(other.deltas.textEncoder));
});

test("a LoRA for whose numbers there is no memory is not read and not left out in silence", async () => {
  const { layers } = await load("sd1");
  const lora = { name: "kohya", path: path.join(ORACLES, "lora", "kohya.safetensors"), weight: 1 };
  const asked: number[] = [];
  const refuse = async (bytes: number) => {
    asked.push(bytes);
    throw new DreamError("memory/predicted", "no room");
  };
  const reading = combineLoras([lora], layers, async () => undefined, refuse);
  await expect(reading).rejects.toMatchObject({ code: "memory/predicted" });
  expect(asked).toEqual([(await combineLoras([lora], layers, async () => undefined)).bytes]);
});

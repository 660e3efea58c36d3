import { copyFile, utimes, writeFile } from "node:fs/promises";
import path from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { LoraInUse } from "../../lib/adapters/combine-loras.js";
import type { GenerationReport, LoadReport } from "../../lib/engine/backend.js";
import { estimateMemory } from "../../lib/engine/memory.js";
import type { GeneratedImage, GenerationJob } from "../../lib/engine/protocol.js";
import { openModel } from "../../lib/models/open-model.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { job, loadRequest } from "../engine/fakes.js";
import { MINIATURES, ORACLES } from "../oracles/read-oracle.js";
import { safetensorsBytes } from "../support/safetensors-bytes.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const SD1 = path.join(MINIATURES, "sd1");
const folder = await temporaryFolder();

function lora(name: string, weight = 0.8, file = path.join(ORACLES, "lora", `${name}.safetensors`)): LoraInUse {
  return { name, path: file, weight };
}

function reporting(notices: string[] = [], signal = new AbortController().signal): LoadReport & GenerationReport {
  return { signal, notice: (text) => notices.push(text), stage: () => {}, step: () => {}, previewEvery: 0 };
}

async function make(session: ModelSession, overrides: Partial<GenerationJob> = {}, notices?: string[]): Promise<GeneratedImage> {
  return (await session.generate(job({ steps: 2, ...overrides }), reporting(notices))).image;
}

afterEach(() => {
  delete process.env.DREAM_AVAILABLE_MEMORY;
});

describe("a model and its LoRAs", () => {
  const session = new ModelSession();
  let plain: GeneratedImage;

  test("draw other pictures, and without them the same as before, bit for bit", async () => {
    await session.load(loadRequest(SD1), reporting());
    plain = await make(session);
    const changed = await make(session, { loras: [lora("kohya")] });
    expect(changed).not.toEqual(plain);
    expect(await make(session)).toEqual(plain);
    expect(await make(session, { loras: [lora("kohya")] })).toEqual(changed);
    expect(await make(session, { loras: [lora("kohya", -0.8)] })).not.toEqual(changed);
  });

  test("the same LoRAs need no further sessions; the oldest combination goes", async () => {
    const sessions = () => session.status().sessions;
    await make(session, { loras: [lora("kohya", -0.8)] });
    const before = sessions();
    await make(session, { loras: [lora("kohya")] });
    await make(session, { loras: [lora("kohya", -0.8)] });
    expect(sessions()).toBe(before);
    const held = session.status().models[0]?.weightBytes ?? 0;
    await make(session, { loras: [lora("processors")] });
    expect(session.status().models[0]?.weightBytes).toBeGreaterThan(held);
    await make(session, { loras: [lora("processors", 0.1)] });
    // The text encoder of the first one went with its U-Net; the new ones have none of their own.
    expect(sessions()).toBe(before);
  });

  test("a file that was replaced is read again", async () => {
    const file = path.join(folder, "replaced.safetensors");
    await copyFile(path.join(ORACLES, "lora", "processors.safetensors"), file);
    const first = await make(session, { loras: [lora("replaced", 1, file)] });
    await copyFile(path.join(ORACLES, "lora", "kohya.safetensors"), file);
    await utimes(file, new Date(), new Date(Date.now() + 5000));
    expect(await make(session, { loras: [lora("replaced", 1, file)] })).not.toEqual(first);
  });

  test("one that cannot be used is told, by every picture, and the others count", async () => {
    const wide = path.join(folder, "wide.safetensors");
    const key = "lora_te_text_model_encoder_layers_0_mlp_fc1";
    await writeFile(
      wide,
      safetensorsBytes({ [`${key}.lora_down.weight`]: { shape: [4, 768] }, [`${key}.lora_up.weight`]: { shape: [3072, 4] } }),
    );
    const loras = [lora("wide", 1, wide), lora("gone")];
    const layer = "text_model.encoder.layers.0.mlp.fc1";
    const complaints = [
      `withLora(wide) is left out: ${wide}: ${key}.lora_up.weight is [3072, 4], but the model's ${layer} is [64, 16]`,
      `withLora(gone) is left out: ${loras[1]?.path} does not exist`,
    ];
    for (let picture = 0; picture < 2; picture++) {
      const notices: string[] = [];
      expect(await make(session, { loras }, notices)).toEqual(plain);
      expect(notices).toEqual(complaints);
    }
    expect(await make(session, { loras: [...loras, lora("kohya")] })).toEqual(await make(session, { loras: [lora("kohya")] }));
  });

  test("a cancel gets in before the files are read", async () => {
    const abort = new AbortController();
    abort.abort();
    const drawing = session.generate(job({ loras: [lora("kohya", 0.31)] }), reporting([], abort.signal));
    await expect(drawing).rejects.toMatchObject({ name: "AbortError" });
    expect(await make(session)).toEqual(plain);
  });
});

test("exported graphs stay what they are, and say so", async () => {
  const session = new ModelSession();
  await session.load(loadRequest(path.join(ORACLES, "onnx-folder", "optimum")), reporting());
  const notices: string[] = [];
  const image = await make(session, { loras: [lora("kohya")] }, notices);
  expect(notices).toEqual(["optimum holds exported graphs, whose weights LoRAs cannot change; drawn without them"]);
  expect(image).toEqual(await make(session));
});

test("where memory holds one U-Net, pictures with and without a LoRA take turns in it", async () => {
  const model = await openModel(SD1);
  process.env.DREAM_AVAILABLE_MEMORY = String(Math.round(estimateMemory(model, model.nativeSize, "fast") + 1e5));
  const session = new ModelSession();
  const foreign = session.status().sessions;
  const sessions = () => session.status().sessions - foreign;
  await session.load({ ...loadRequest(SD1), memory: "fast" }, reporting());
  const plain = await make(session);
  const before = sessions();
  await make(session, { loras: [lora("kohya")] });
  expect(sessions()).toBe(before);
  expect(await make(session)).toEqual(plain);
  // The prompt's embeddings were remembered.
  expect(sessions()).toBe(before - 1);
});

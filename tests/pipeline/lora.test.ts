import { utimes, writeFile } from "node:fs/promises";
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
import { sampleNumbers } from "../support/tiny-source.js";

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

const FC1 = "lora_te_text_model_encoder_layers_0_mlp_fc1";

/** A LoRA for one layer of the text encoder, [64, 16]: soon built. */
async function writeSmall(name: string, width = 16, value = 0.3): Promise<string> {
  const file = path.join(folder, `${name}.safetensors`);
  const filled = (shape: readonly number[]) => {
    const data = sampleNumbers((shape[0] ?? 0) * (shape[1] ?? 0)).map((number) => number + value);
    return { shape, data: new Uint8Array(data.buffer) };
  };
  await writeFile(file, safetensorsBytes({ [`${FC1}.lora_down.weight`]: filled([2, width]), [`${FC1}.lora_up.weight`]: filled([64, 2]) }));
  return file;
}

describe("a model and its LoRAs", () => {
  const session = new ModelSession();
  const sessions = () => session.status().sessions;
  let small: string;
  let plain: GeneratedImage;

  test("draw other pictures, and without them the same as before, bit for bit", async () => {
    small = await writeSmall("small");
    await session.load(loadRequest(SD1), reporting());
    plain = await make(session);
    const changed = await make(session, { loras: [lora("kohya")] });
    expect(changed).not.toEqual(plain);
    expect(await make(session)).toEqual(plain);
    expect(await make(session, { loras: [lora("kohya")] })).toEqual(changed);
  });

  test("a combination that was used lately needs nothing new; the fourth takes the place of the first", async () => {
    const draw = (weight: number) => make(session, { loras: [lora("small", weight, small)] });
    const first = await draw(0.5);
    expect(await draw(-0.5)).not.toEqual(first);
    const before = sessions();
    expect(await draw(0.5)).toEqual(first);
    expect(sessions()).toBe(before);
    const held = session.status().models[0]?.weightBytes ?? 0;
    await draw(0.25);
    // The first one had changed the U-Net, too.
    expect(sessions()).toBe(before - 1);
    expect(session.status().models[0]?.weightBytes).toBeLessThan(held);
  });

  test("a file that was replaced is read again", async () => {
    const file = await writeSmall("replaced");
    const first = await make(session, { loras: [lora("replaced", 1, file)] });
    await writeSmall("replaced", 16, -0.6);
    await utimes(file, new Date(), new Date(Date.now() + 5000));
    expect(await make(session, { loras: [lora("replaced", 1, file)] })).not.toEqual(first);
  });

  test("one that cannot be used is told, by every picture, and the others count", async () => {
    const wide = await writeSmall("wide", 768);
    const loras = [lora("wide", 1, wide), lora("gone")];
    const complaints = [
      `withLora(wide) is left out: ${wide}: ${FC1}.lora_down.weight is [2, 768], but the model's text_model.encoder.layers.0.mlp.fc1 is [64, 16]`,
      `withLora(gone) is left out: ${loras[1]?.path} does not exist`,
    ];
    for (let picture = 0; picture < 2; picture++) {
      const notices: string[] = [];
      expect(await make(session, { loras }, notices)).toEqual(plain);
      expect(notices).toEqual(complaints);
    }
    expect(await make(session, { loras: [...loras, lora("small", 1, small)] })).not.toEqual(plain);
  });

  test("a cancel gets in before the files are read", async () => {
    const abort = new AbortController();
    abort.abort();
    const drawing = session.generate(job({ loras: [lora("small", 0.31, small)] }), reporting([], abort.signal));
    await expect(drawing).rejects.toMatchObject({ name: "AbortError" });
    expect(await make(session)).toEqual(plain);
  });
});

test("exported graphs stay what they are, and say so", async () => {
  const session = new ModelSession();
  await session.load(loadRequest(path.join(ORACLES, "onnx-folder", "optimum")), reporting());
  const abort = new AbortController();
  const notices: string[] = [];
  const notice = (text: string) => {
    notices.push(text);
    abort.abort();
  };
  const drawing = session.generate(job({ loras: [lora("kohya")] }), { ...reporting([], abort.signal), notice });
  await expect(drawing).rejects.toMatchObject({ name: "AbortError" });
  expect(notices).toEqual(["optimum holds exported graphs, whose weights LoRAs cannot change; drawn without them"]);
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
  await make(session, { loras: [lora("processors")] });
  // The prompt's embeddings were remembered.
  expect(sessions()).toBe(before - 1);
  expect(await make(session)).toEqual(plain);
  expect(sessions()).toBe(before - 1);
});

import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, jest, test } from "@jest/globals";
import type { GenerationReport } from "../../lib/engine/backend.js";
import type { LatentPreview } from "../../lib/engine/protocol.js";
import { openPreviewDecoder } from "../../lib/models/open-preview-decoder.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { ModelSession } from "../../lib/pipeline/model-session.js";
import { createPreviewDecoder } from "../../lib/pipeline/preview-decoder.js";
import { job, loadRequest } from "../engine/fakes.js";
import { MINIATURES, ORACLES, type OracleTensor, readOracle } from "../oracles/read-oracle.js";
import { temporaryFolder } from "../support/temporary-folder.js";
import { sampleNumbers } from "../support/tiny-source.js";

const FOLDER = join(ORACLES, "preview-decoder");
const cases = readOracle("cases", "preview-decoder");
const tensor = (name: string) => cases.get(name) as OracleTensor & { readonly data: Float32Array };
const root = await temporaryFolder();

/** Levels as `toRgb` makes them, so that pixels can be compared. */
function levelsOf({ data, shape }: OracleTensor): number[] {
  const [, , height = 0, width = 0] = shape;
  const area = height * width;
  return Array.from({ length: area * 3 }, (_, i) => {
    const level = Math.round(data[(i % 3) * area + Math.floor(i / 3)]! * 127.5 + 127.5);
    return Math.min(255, Math.max(0, level));
  });
}

describe("a decoder in the layout of AutoencoderTiny", () => {
  test.each(["square", "wide"])("shows what diffusers shows: %s", async (name) => {
    const decoder = createPreviewDecoder(await openPreviewDecoder(FOLDER), 1);
    const { data, shape } = tensor(`${name}.latents`);
    const [, , height = 0, width = 0] = shape;
    const shown = await decoder.show(data, { height, width });
    expect([shown.width, shown.height, shown.span]).toEqual([width * 8, height * 8, 1]);
    const expected = levelsOf(tensor(`${name}.pixels`));
    expect([...shown.rgb].filter((level, i) => Math.abs(level - expected[i]!) > 1)).toEqual([]);
    await decoder.release();
  });

  test("shows large latents smaller, as the means of their squares", async () => {
    const decoder = createPreviewDecoder(await openPreviewDecoder(FOLDER), 1);
    const means = sampleNumbers(4 * 32 * 32);
    const [height, width] = [65, 64];
    // Two values above and two below the mean fill a square; the last row fills none.
    const large = Float32Array.from({ length: 4 * height * width }, (_, i) => {
      const [channel, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
      return (means[(channel * 32 + Math.floor(y / 2)) * 32 + Math.floor(x / 2)] ?? 0) + ((x + y) % 2 === 0 ? 0.5 : -0.5);
    });
    const shown = await decoder.show(large, { height, width });
    expect([shown.width, shown.height, shown.span]).toEqual([256, 256, 2]);
    const expected = await decoder.show(means, { height: 32, width: 32 });
    expect(shown.rgb.reduce((most, value, i) => Math.max(most, Math.abs(value - expected.rgb[i]!)), 0)).toBeLessThanOrEqual(1);
    await decoder.release();
  });

  test.each([
    [{ act_fn: "gelu" }, 'act_fn "gelu" is not supported'],
    [{ _class_name: "AutoencoderKL" }, '_class_name "AutoencoderKL" is not supported'],
    [{ latent_channels: 16 }, "latent_channels 16 is not supported"],
    [{ decoder_block_out_channels: [8, 8, 8, 16] }, "the channels of its levels differ"],
    [{ num_decoder_blocks: [1, 1, 1] }, "it has not 4 levels"],
    [{ num_decoder_blocks: [1, 1, 1, 1000] }, "it is too large for previews"],
    [{ num_decoder_blocks: "many" }, "num_decoder_blocks is"],
    [{ scaling_factor: 0 }, "scaling_factor is 0, expected a number above 0"],
  ])("%j is refused", async (change, sentence) => {
    const folder = mkdtempSync(join(root, "bad-"));
    const config = JSON.parse(readFileSync(join(FOLDER, "config.json"), "utf8"));
    writeFileSync(join(folder, "config.json"), JSON.stringify({ ...config, ...change }));
    cpSync(join(FOLDER, "diffusion_pytorch_model.safetensors"), join(folder, "diffusion_pytorch_model.safetensors"));
    await expect(openPreviewDecoder(folder)).rejects.toThrow(sentence);
  });

  test("weights that do not fit are refused before a picture is worked on", async () => {
    const files = await openPreviewDecoder(FOLDER);
    const deeper = { ...files, config: { ...files.config, blocks: [3, 1, 0, 1] } };
    expect(() => createPreviewDecoder(deeper, 1)).toThrow(/decoder\.layers/);
  });
});

type Wanted = Pick<GenerationReport, "previewEvery" | "livePreviews">;

describe("previews of a model", () => {
  async function previewsOf(request: Parameters<ModelSession["load"]>[0], wanted: Wanted = { previewEvery: 1 }): Promise<LatentPreview[]> {
    const report = { signal: new AbortController().signal, notice: () => {}, stage: () => {} };
    const session = new ModelSession();
    await session.load(request, { ...report });
    const previews: LatentPreview[] = [];
    const step = (_step: number, _total: number, preview?: LatentPreview) => {
      if (preview !== undefined) previews.push(preview);
    };
    await session.generate(job({ steps: 2 }), { ...report, ...wanted, step });
    return previews;
  }

  test("come from the decoder in its folder, the finished one as the decoder shows its latents", async () => {
    const folder = mkdtempSync(join(root, "model-"));
    cpSync(join(MINIATURES, "speck"), folder, { recursive: true });
    symlinkSync(FOLDER, join(folder, "preview_decoder"));
    const previews = await previewsOf(loadRequest(folder));
    expect(previews.map(({ width, height, span }) => [width, height, span])).toEqual([
      [64, 64, 1],
      [64, 64, 1],
    ]);
  });

  test("come from the registered one before that, and from the linear map without any", async () => {
    const speck = join(MINIATURES, "speck");
    const registered = await previewsOf({ ...loadRequest(speck), previewDecoder: FOLDER });
    expect(registered.map(({ width }) => width)).toEqual([64, 64]);
    const linear = await previewsOf(loadRequest(speck));
    expect(linear.map(({ width, span }) => [width, span])).toEqual([
      [8, 8],
      [8, 8],
    ]);
  });

  test("for somebody who watches come where steps take long, and nobody else gets them", async () => {
    // Every look at the clock is half a minute after the one before.
    let now = 0;
    const clock = jest.spyOn(performance, "now").mockImplementation(() => (now += 30_000));
    try {
      const speck = loadRequest(join(MINIATURES, "speck"));
      expect(await previewsOf(speck, { previewEvery: 0, livePreviews: true })).toMatchObject([{ width: 8, span: 8 }]);
      expect(await previewsOf(speck, { previewEvery: 0 })).toEqual([]);
    } finally {
      clock.mockRestore();
    }
  });
});

test("the built-in model brings a decoder of less than 300 kB", async () => {
  const folder = join(PACKAGE_ROOT, "configs", "models", "crayon", "preview_decoder");
  await createPreviewDecoder(await openPreviewDecoder(folder), 1).release();
  expect(readFileSync(join(folder, "diffusion_pytorch_model.safetensors")).length).toBeLessThan(300_000);
});

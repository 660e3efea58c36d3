import { renamed } from "../checkpoints/diffusers-keys.js";
import { readTensor } from "../checkpoints/read-tensor.js";
import type { WeightSource } from "../checkpoints/tensor.js";
import { CLIP_LENGTH, type ClipTokenizer } from "../conditioning/tokenizer.js";
import type { PixelRecipe } from "../models/pixel-recipe.js";
import { attentionBias } from "../networks/attention-bias.js";
import { buildClipSegmenter } from "../networks/clip-segmenter.js";
import { buildClipTextEncoder } from "../networks/clip-text-encoder.js";
import { POSITION_EMBEDDING } from "../networks/clip-vision.js";
import type { ClipSegConfig } from "../networks/config.js";
import { fastConvolutions } from "../networks/convolution/policy.js";
import type { BuildOptions } from "../networks/network-builder.js";
import { resizePlaces } from "../networks/place-embeddings.js";
import { ShapedNetwork } from "../networks/shaped-network.js";
import { TokenTable } from "../networks/token-table.js";
import { findWeight } from "../networks/weight-reader.js";
import type { Segmenter } from "./segmenter.js";

const BUILD: BuildOptions = { convolutions: fastConvolutions, seamless: "", bandBytes: 12e6 };
const PROJECTION = "clip.text_projection.weight";

/**
 * CLIPSeg from its weights, as two graphs: the text becomes a vector once, the picture's graph takes it in.
 * @throws DreamError weights/* when they do not fit together
 */
export async function createClipSeg(
  { config, weights }: { readonly config: ClipSegConfig; readonly weights: WeightSource },
  { recipe: { side }, tokenizer, threads }: { readonly recipe: PixelRecipe; readonly tokenizer: ClipTokenizer; readonly threads: number },
): Promise<Pick<Segmenter, "logits" | "release">> {
  const text = createTextTower(config, weights, tokenizer, threads);
  const picture = partOf(weights, (key) => (key.startsWith("decoder.") ? key : /^clip\.(vision_model\..*)$/.exec(key)?.[1]));
  const places = await placesFor(config, picture, side);
  const build = (source: WeightSource) => buildClipSegmenter(config, source, { side, places }, BUILD);
  // Faulty weights are found before a picture is looked at.
  build(picture);
  const network = networkOf("segmenter", picture, threads);
  return {
    async logits(pixels, tokens) {
      const condition = await text.embed(tokens);
      return network.run("picture", build, {
        pixels: { data: pixels, shape: [1, 3, side, side] },
        condition: { data: condition, shape: [1, config.projection] },
      });
    },
    async release() {
      await text.release();
      await network.release();
    },
  };
}

/** CLIP's text tower and its projection, for one text at a time. */
function createTextTower({ text, projection }: ClipSegConfig, weights: WeightSource, tokenizer: ClipTokenizer, threads: number) {
  const source = partOf(weights, (key) => /^clip\.(text_model\..*)$/.exec(key)?.[1]);
  const table = TokenTable.find(text, source);
  const matrix = findWeight(weights, PROJECTION, [projection, text.hiddenSize]);
  const tokens = CLIP_LENGTH;
  const build = (from: WeightSource) => buildClipTextEncoder(text, from, { batch: 1, tokens, layers: text.layers }, BUILD);
  build(source);
  const network = networkOf("text", source, threads);
  return {
    /** The state at EOS, projected. */
    async embed(ids: readonly number[]): Promise<Float32Array> {
      const states = await network.run("text", build, {
        embeddings: { data: await table.lookUp(tokenizer.frame(ids, tokens)), shape: [1, tokens, text.hiddenSize] },
        attention_bias: { data: attentionBias(1, tokens), shape: [1, 1, tokens, tokens] },
      });
      const end = ids.length + 1;
      const state = states.subarray(end * text.hiddenSize, (end + 1) * text.hiddenSize);
      const rows = await readTensor(matrix);
      return Float32Array.from({ length: projection }, (_, row) =>
        state.reduce((sum, value, i) => sum + value * rows[row * text.hiddenSize + i]!, 0),
      );
    },
    release: () => network.release(),
  };
}

/** Embeddings of the places in a picture of another size than the tower was trained with. */
async function placesFor({ vision }: ClipSegConfig, source: WeightSource, side: number): Promise<Float32Array | undefined> {
  if (side === vision.imageSize) return undefined;
  const [from, to] = [vision.imageSize / vision.patchSize, side / vision.patchSize];
  const rows = await readTensor(findWeight(source, POSITION_EMBEDDING, [from * from + 1, vision.hiddenSize]));
  return resizePlaces(rows, vision.hiddenSize, from, to);
}

/** Some of the tensors, under the names that networks ask for. */
function partOf(weights: WeightSource, nameOf: (key: string) => string | undefined): WeightSource {
  return renamed(weights, (key) => (key.endsWith("position_ids") ? undefined : nameOf(key)), {
    nameInFile: (key) => (key.startsWith("decoder.") ? key : `clip.${key}`),
  });
}

function networkOf(name: string, source: WeightSource, threads: number): ShapedNetwork {
  return new ShapedNetwork({ name, source, threads, releaseScratch: true, onNotice: () => {}, capacity: 1 });
}

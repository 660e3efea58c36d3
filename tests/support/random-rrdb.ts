import type { WeightSource } from "../../lib/checkpoints/tensor.js";
import type { RrdbConfig } from "../../lib/networks/upscaler-config.js";
import type { TensorToWrite } from "./safetensors-bytes.js";
import { sampleNumbers, writeSource } from "./tiny-source.js";

/** An RRDBNet of any depth whose weights are spread as torch spreads those of a network before training: up to 1/√(inputs). */
export function writeRandomRrdb(folder: string, { features, growth, blocks, unshuffle }: RrdbConfig): Promise<WeightSource> {
  const tensors: Record<string, TensorToWrite> = {};
  const add = (key: string, outputs: number, inputs: number) => {
    const bound = 1 / Math.sqrt(9 * inputs);
    const seed = Object.keys(tensors).length + 1;
    const numbers = (count: number) => sampleNumbers(count, seed).map((number) => number * bound);
    const tensor = (shape: number[]) => ({ shape, data: new Uint8Array(numbers(shape.reduce((a, b) => a * b, 1)).buffer) });
    tensors[`${key}.weight`] = tensor([outputs, inputs, 3, 3]);
    tensors[`${key}.bias`] = tensor([outputs]);
  };
  add("conv_first", features, 3 * unshuffle ** 2);
  for (let block = 0; block < blocks; block++) {
    for (let dense = 1; dense <= 3; dense++) {
      for (let layer = 1; layer <= 5; layer++) {
        add(`body.${block}.rdb${dense}.conv${layer}`, layer < 5 ? growth : features, features + (layer - 1) * growth);
      }
    }
  }
  for (const key of ["conv_body", "conv_up1", "conv_up2", "conv_hr"]) add(key, features, features);
  add("conv_last", 3, features);
  return writeSource(folder, `rrdb-${blocks}.safetensors`, tensors);
}

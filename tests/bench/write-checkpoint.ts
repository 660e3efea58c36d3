import { closeSync, existsSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import path from "node:path";
import { Xorshift } from "./normals.js";

/**
 * Writes a checkpoint of the shape of Stable Diffusion 1.5 (LDM single-file layout, fp16, 2.1 GB) with seeded random weights, so that speed
 * and memory can be measured without anybody's model.
 */

/** How a tensor is filled: `fanIn` gives N(0, 0.7/√fanIn), which keeps activations of order one through the whole network. */
type Fill = { readonly fanIn: number } | { readonly deviation: number } | { readonly constant: number };

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly fill: Fill;
}

class Layout {
  readonly entries: Entry[] = [];

  private add(name: string, shape: readonly number[], fill: Fill): void {
    this.entries.push({ name, shape, fill });
  }

  embedding(name: string, rows: number, width: number): void {
    this.add(name, [rows, width], { deviation: 0.02 });
  }

  linear(name: string, inputs: number, outputs: number, bias = true): void {
    this.add(`${name}.weight`, [outputs, inputs], { fanIn: inputs });
    if (bias) this.add(`${name}.bias`, [outputs], { deviation: 0.02 });
  }

  conv(name: string, inputs: number, outputs: number, side: 1 | 3): void {
    this.add(`${name}.weight`, [outputs, inputs, side, side], { fanIn: inputs * side * side });
    this.add(`${name}.bias`, [outputs], { deviation: 0.02 });
  }

  norm(name: string, width: number): void {
    this.add(`${name}.weight`, [width], { constant: 1 });
    this.add(`${name}.bias`, [width], { constant: 0 });
  }
}

function clipText(layout: Layout, prefix: string): void {
  const width = 768;
  layout.embedding(`${prefix}.embeddings.token_embedding.weight`, 49408, width);
  layout.embedding(`${prefix}.embeddings.position_embedding.weight`, 77, width);
  for (let i = 0; i < 12; i++) {
    const layer = `${prefix}.encoder.layers.${i}`;
    for (const part of ["q_proj", "k_proj", "v_proj", "out_proj"]) layout.linear(`${layer}.self_attn.${part}`, width, width);
    layout.norm(`${layer}.layer_norm1`, width);
    layout.linear(`${layer}.mlp.fc1`, width, 4 * width);
    layout.linear(`${layer}.mlp.fc2`, 4 * width, width);
    layout.norm(`${layer}.layer_norm2`, width);
  }
  layout.norm(`${prefix}.final_layer_norm`, width);
}

function unetResnet(layout: Layout, name: string, inputs: number, outputs: number): void {
  layout.norm(`${name}.in_layers.0`, inputs);
  layout.conv(`${name}.in_layers.2`, inputs, outputs, 3);
  layout.linear(`${name}.emb_layers.1`, 1280, outputs);
  layout.norm(`${name}.out_layers.0`, outputs);
  layout.conv(`${name}.out_layers.3`, outputs, outputs, 3);
  if (inputs !== outputs) layout.conv(`${name}.skip_connection`, inputs, outputs, 1);
}

function spatialTransformer(layout: Layout, name: string, width: number): void {
  const block = `${name}.transformer_blocks.0`;
  layout.norm(`${name}.norm`, width);
  layout.conv(`${name}.proj_in`, width, width, 1);
  for (const [attention, contextWidth] of [
    ["attn1", width],
    ["attn2", 768],
  ] as const) {
    layout.linear(`${block}.${attention}.to_q`, width, width, false);
    layout.linear(`${block}.${attention}.to_k`, contextWidth, width, false);
    layout.linear(`${block}.${attention}.to_v`, contextWidth, width, false);
    layout.linear(`${block}.${attention}.to_out.0`, width, width);
  }
  layout.linear(`${block}.ff.net.0.proj`, width, 8 * width);
  layout.linear(`${block}.ff.net.2`, 4 * width, width);
  for (const norm of ["norm1", "norm2", "norm3"]) layout.norm(`${block}.${norm}`, width);
  layout.conv(`${name}.proj_out`, width, width, 1);
}

function unet(layout: Layout, prefix: string): void {
  const widths = [320, 640, 1280, 1280] as const;
  layout.linear(`${prefix}.time_embed.0`, 320, 1280);
  layout.linear(`${prefix}.time_embed.2`, 1280, 1280);
  layout.conv(`${prefix}.input_blocks.0.0`, 4, 320, 3);
  const skips: number[] = [320];
  let width: number = 320;
  let block = 1;
  for (const [level, outputs] of widths.entries()) {
    for (let i = 0; i < 2; i++) {
      unetResnet(layout, `${prefix}.input_blocks.${block}.0`, width, outputs);
      if (level < 3) spatialTransformer(layout, `${prefix}.input_blocks.${block}.1`, outputs);
      width = outputs;
      skips.push(width);
      block++;
    }
    if (level === 3) continue;
    layout.conv(`${prefix}.input_blocks.${block}.0.op`, width, width, 3);
    skips.push(width);
    block++;
  }
  unetResnet(layout, `${prefix}.middle_block.0`, width, width);
  spatialTransformer(layout, `${prefix}.middle_block.1`, width);
  unetResnet(layout, `${prefix}.middle_block.2`, width, width);
  for (const [level, outputs] of widths.toReversed().entries()) {
    for (let i = 0; i < 3; i++) {
      const name = `${prefix}.output_blocks.${3 * level + i}`;
      unetResnet(layout, `${name}.0`, width + skips.pop()!, outputs);
      if (level > 0) spatialTransformer(layout, `${name}.1`, outputs);
      if (i === 2 && level < 3) layout.conv(`${name}.${level > 0 ? 2 : 1}.conv`, outputs, outputs, 3);
      width = outputs;
    }
  }
  layout.norm(`${prefix}.out.0`, width);
  layout.conv(`${prefix}.out.2`, width, 4, 3);
}

function vaeResnet(layout: Layout, name: string, inputs: number, outputs: number): void {
  layout.norm(`${name}.norm1`, inputs);
  layout.conv(`${name}.conv1`, inputs, outputs, 3);
  layout.norm(`${name}.norm2`, outputs);
  layout.conv(`${name}.conv2`, outputs, outputs, 3);
  if (inputs !== outputs) layout.conv(`${name}.nin_shortcut`, inputs, outputs, 1);
}

function vaeMiddle(layout: Layout, name: string, width: number): void {
  vaeResnet(layout, `${name}.block_1`, width, width);
  layout.norm(`${name}.attn_1.norm`, width);
  for (const part of ["q", "k", "v", "proj_out"]) layout.conv(`${name}.attn_1.${part}`, width, width, 1);
  vaeResnet(layout, `${name}.block_2`, width, width);
}

function vae(layout: Layout, prefix: string): void {
  const widths = [128, 256, 512, 512] as const;
  const encoder = `${prefix}.encoder`;
  layout.conv(`${encoder}.conv_in`, 3, 128, 3);
  let width: number = 128;
  for (const [level, outputs] of widths.entries()) {
    for (let i = 0; i < 2; i++) {
      vaeResnet(layout, `${encoder}.down.${level}.block.${i}`, width, outputs);
      width = outputs;
    }
    if (level < 3) layout.conv(`${encoder}.down.${level}.downsample.conv`, width, width, 3);
  }
  vaeMiddle(layout, `${encoder}.mid`, width);
  layout.norm(`${encoder}.norm_out`, width);
  layout.conv(`${encoder}.conv_out`, width, 8, 3);
  layout.conv(`${prefix}.quant_conv`, 8, 8, 1);
  layout.conv(`${prefix}.post_quant_conv`, 4, 4, 1);
  const decoder = `${prefix}.decoder`;
  layout.conv(`${decoder}.conv_in`, 4, width, 3);
  vaeMiddle(layout, `${decoder}.mid`, width);
  for (const [level, outputs] of [...widths.entries()].reverse()) {
    for (let i = 0; i < 3; i++) {
      vaeResnet(layout, `${decoder}.up.${level}.block.${i}`, width, outputs);
      width = outputs;
    }
    if (level > 0) layout.conv(`${decoder}.up.${level}.upsample.conv`, width, width, 3);
  }
  layout.norm(`${decoder}.norm_out`, width);
  layout.conv(`${decoder}.conv_out`, width, 3, 3);
}

/** Every tensor of the file: 686 of the U-Net (859,520,964 numbers), 248 of the VAE (83,653,863), 196 of the text encoder (123,060,480). */
export function checkpointEntries(): readonly Entry[] {
  const layout = new Layout();
  clipText(layout, "cond_stage_model.transformer.text_model");
  unet(layout, "model.diffusion_model");
  vae(layout, "first_stage_model");
  return layout.entries;
}

const floatView = new Float32Array(1);
const bitView = new Uint32Array(floatView.buffer);

/** The bits of the half-precision number nearest to `value` (ties to even); for magnitudes below 65,520. */
export function halfBits(value: number): number {
  floatView[0] = value;
  const bits = bitView[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude < 0x38800000) return sign | roundHalfEven(Math.abs(value) * 2 ** 24); // subnormal: multiples of 2⁻²⁴
  const rebiased = magnitude - 0x38000000;
  return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** The 65,536 equally likely values of a standard normal: random 16-bit numbers choose among them. */
function normalQuantiles(): Float64Array {
  const count = 65536;
  const quantiles = new Float64Array(count);
  const step = 1 / 4096;
  let x = -6;
  let probability = 0;
  const density = (at: number) => Math.exp((-at * at) / 2) / Math.sqrt(2 * Math.PI);
  for (let i = 0; i < count; i++) {
    const target = (i + 0.5) / count;
    while (probability < target) {
      probability += density(x + step / 2) * step;
      x += step;
    }
    quantiles[i] = x;
  }
  return quantiles;
}

/** Fills `out` with random entries of a table of 65,536: two for every number of the generator. */
function fillFromTable(random: Xorshift, out: Uint16Array, table: Uint16Array): void {
  for (let i = 0; i < out.length; i += 2) {
    const bits = random.next();
    out[i] = table[bits & 0xffff]!;
    if (i + 1 < out.length) out[i + 1] = table[bits >>> 16]!;
  }
}

const CHUNK = 1 << 22;

/**
 * Writes the checkpoint unless it is there already. Written under a passing name and renamed at the end.
 * @param file the .safetensors file
 */
export function writeCheckpoint(file: string): void {
  if (existsSync(file)) return;
  mkdirSync(path.dirname(file), { recursive: true });
  const entries = checkpointEntries();
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let offset = 0;
  for (const { name, shape } of entries) {
    const bytes = 2 * count(shape);
    header[name] = { dtype: "F16", shape, data_offsets: [offset, offset + bytes] };
    offset += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const padded = Buffer.concat([json, Buffer.alloc((8 - (json.length % 8)) % 8, " ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));

  const quantiles = normalQuantiles();
  const tables = new Map<number, Uint16Array>();
  const passing = `${file}.${process.pid}.tmp`;
  const out = openSync(passing, "wx");
  try {
    writeAll(out, length);
    writeAll(out, padded);
    const buffer = new Uint16Array(CHUNK);
    for (const [index, { shape, fill }] of entries.entries()) {
      const random = new Xorshift(index + 1);
      for (let left = count(shape); left > 0; ) {
        const part = buffer.subarray(0, Math.min(left, CHUNK));
        if ("constant" in fill) {
          part.fill(halfBits(fill.constant));
        } else {
          const deviation = "deviation" in fill ? fill.deviation : 0.7 / Math.sqrt(fill.fanIn);
          let table = tables.get(deviation);
          if (table === undefined) {
            table = Uint16Array.from(quantiles, (quantile) => halfBits(quantile * deviation));
            tables.set(deviation, table);
          }
          fillFromTable(random, part, table);
        }
        writeAll(out, new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
        left -= part.length;
      }
    }
  } finally {
    closeSync(out);
  }
  renameSync(passing, file);
}

function count(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done, bytes.length - done);
}

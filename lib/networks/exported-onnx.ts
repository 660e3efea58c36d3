import { DreamError } from "../errors.js";
import { joinFloats } from "../join-floats.js";
import { ExportedGraph, type ExportedGraphOptions, type NumberFeed, type PortDescription } from "../onnx/exported-graph.js";
import type { Extent, Networks, TextEncoder, UNet, UNetExtent, VaeDecoder, VaeEncoder } from "./network-sessions.js";
import type { ExportedParts, OnnxGraph } from "./parts.js";

/**
 * The networks of an exported ONNX folder. Exporters differ in the types of token ids and timesteps, in fixed or free sizes, in half or
 * full precision and in what the VAE's encoder gives; all of that is read from the files. Inputs are told apart by their rank and type,
 * since their names differ, too.
 */
export function createExportedNetworks(
  model: ExportedParts,
  options: { readonly threads: number; readonly memory: "fast" | "lean" },
): Networks {
  const settings: ExportedGraphOptions = { threads: options.threads, releaseScratch: options.memory === "lean" };
  return {
    textEncoder: new ExportedTextEncoder(new LazyGraph(model.textEncoder, settings)),
    unet: new ExportedUNet(new LazyGraph(model.unet, settings)),
    vaeDecoder: new ExportedVaeDecoder(new LazyGraph(model.vaeDecoder, settings)),
    vaeEncoder: new ExportedVaeEncoder(model.vaeEncoder && new LazyGraph(model.vaeEncoder, settings), model.origin),
  };
}

/** A file that is opened when it is first needed. */
class LazyGraph {
  #opened: Promise<ExportedGraph> | undefined;

  constructor(
    private readonly graph: OnnxGraph,
    private readonly settings: ExportedGraphOptions,
  ) {}

  open(): Promise<ExportedGraph> {
    this.#opened ??= ExportedGraph.open(this.graph.modelPath, this.settings);
    return this.#opened;
  }

  async release(): Promise<void> {
    const opened = this.#opened;
    this.#opened = undefined;
    await (await opened?.catch(() => undefined))?.release();
  }
}

const TOKENS = 77;

class ExportedTextEncoder implements TextEncoder {
  #width = 0;

  constructor(private readonly graph: LazyGraph) {}

  /** Known once something was encoded. */
  get width(): number {
    return this.#width;
  }

  async encode(ids: Int32Array, batch: number, clipSkip: number, mask?: Int32Array): Promise<Float32Array> {
    const graph = await this.graph.open();
    if (clipSkip > 0) throw new DreamError("model/unsupported", `${graph.path} is exported whole: its last layers cannot be skipped`);
    const [tokens] = graph.inputs;
    const hidden = graph.outputs.find(({ name }) => name === "last_hidden_state") ?? graph.outputs.find(({ shape }) => shape.length === 3);
    if (tokens === undefined || hidden === undefined) throw notSuch(graph, "text encoder");
    const maskInput = graph.inputs.find(({ name }) => name === "attention_mask");
    if (mask !== undefined && maskInput === undefined) {
      throw new DreamError("model/unsupported", `${graph.path} is exported without a mask: tokens cannot be hidden`);
    }
    const states = await inBatches(tokens, batch, async (first, count) => {
      const shape = [count, TOKENS];
      const feeds: Record<string, NumberFeed> = { [tokens.name]: { data: rows(ids, first, count, batch), shape } };
      if (maskInput !== undefined) {
        feeds[maskInput.name] = { data: rows(mask ?? new Int32Array(ids.length).fill(1), first, count, batch), shape };
      }
      return graph.run(feeds, hidden.name);
    });
    this.#width = states.length / batch / TOKENS;
    return states;
  }

  async canHide(): Promise<boolean> {
    const { inputs } = await this.graph.open();
    return inputs.some(({ name }) => name === "attention_mask");
  }

  release(): Promise<void> {
    return this.graph.release();
  }
}

class ExportedUNet implements UNet {
  constructor(private readonly graph: LazyGraph) {}

  async prepare(): Promise<void> {
    await this.graph.open();
  }

  async predict(sample: Float32Array, timestep: number, context: Float32Array, shape: UNetExtent): Promise<Float32Array> {
    const graph = await this.graph.open();
    const { batch, height, width, tokens = TOKENS } = shape;
    const latents = graph.inputs.find((input) => input.shape.length === 4);
    const states = graph.inputs.find((input) => input.shape.length === 3);
    const time = graph.inputs.find((input) => input.shape.length < 2);
    if (!latents || !states || !time || graph.inputs.length > 3) throw notSuch(graph, "U-Net of Stable Diffusion 1.x or 2.x");
    requireExtent(graph, latents, shape, 8);
    requireTokens(graph, states, tokens);
    const channels = sample.length / batch / height / width;
    const dimension = context.length / batch / tokens;
    return inBatches(latents, batch, (first, count) =>
      graph.run({
        [latents.name]: { data: rows(sample, first, count, batch), shape: [count, channels, height, width] },
        [time.name]: timeFeed(time, timestep, count),
        [states.name]: { data: rows(context, first, count, batch), shape: [count, tokens, dimension] },
      }),
    );
  }

  release(): Promise<void> {
    return this.graph.release();
  }
}

class ExportedVaeDecoder implements VaeDecoder {
  constructor(private readonly graph: LazyGraph) {}

  async prepare(): Promise<void> {
    await this.graph.open();
  }

  async decode(latents: Float32Array, extent: Extent): Promise<Float32Array> {
    const graph = await this.graph.open();
    const input = pictureInput(graph, "VAE decoder");
    requireExtent(graph, input, extent, 8);
    const channels = latents.length / extent.height / extent.width;
    return graph.run({ [input.name]: { data: latents, shape: [1, channels, extent.height, extent.width] } });
  }

  release(): Promise<void> {
    return this.graph.release();
  }
}

/** Log-variance of a posterior without spread: what it is taken for when a file gives a latent only. */
const NO_VARIANCE = -30;

class ExportedVaeEncoder implements VaeEncoder {
  constructor(
    private readonly graph: LazyGraph | undefined,
    private readonly origin: string,
  ) {}

  async encode(picture: Float32Array, extent: Extent): Promise<{ mean: Float32Array; logvar: Float32Array }> {
    if (this.graph === undefined) throw new DreamError("model/missing-file", `${this.origin} has no vae_encoder`);
    const graph = await this.graph.open();
    const input = pictureInput(graph, "VAE encoder");
    requireExtent(graph, input, extent, 1);
    const values = await graph.run({ [input.name]: { data: picture, shape: [1, 3, extent.height, extent.width] } });
    const latent = (4 * extent.height * extent.width) / 64;
    if (values.length === latent) return { mean: values, logvar: new Float32Array(latent).fill(NO_VARIANCE) };
    if (values.length !== 2 * latent) throw notSuch(graph, "VAE encoder");
    return { mean: values.slice(0, latent), logvar: values.slice(latent).map((value) => Math.min(20, Math.max(-30, value))) };
  }

  async release(): Promise<void> {
    await this.graph?.release();
  }
}

function pictureInput(graph: ExportedGraph, kind: string): PortDescription {
  const [input] = graph.inputs;
  if (input?.shape.length !== 4 || graph.inputs.length > 1) throw notSuch(graph, kind);
  return input;
}

/** The timestep as a scalar or as a list of the length the file wants. */
function timeFeed({ shape }: PortDescription, timestep: number, batch: number): NumberFeed {
  const [length] = shape;
  if (length === undefined) return { data: Float32Array.of(timestep), shape: [] };
  const count = typeof length === "number" ? length : length === "batch" || length === "batch_size" ? batch : 1;
  return { data: new Float32Array(count).fill(timestep), shape: [count] };
}

/**
 * Runs a graph over a batch. Where the file's batch is fixed, it is run as often as needed; a last run that is not full is filled up with
 * copies of its last element.
 */
async function inBatches(
  { shape }: PortDescription,
  batch: number,
  run: (first: number, count: number) => Promise<Float32Array>,
): Promise<Float32Array> {
  const [fixed] = shape;
  if (typeof fixed !== "number" || fixed === batch || fixed < 1) return run(0, batch);
  const parts: Float32Array[] = [];
  for (let first = 0; first < batch; first += fixed) {
    const values = await run(first, fixed);
    const wanted = Math.min(fixed, batch - first);
    parts.push(values.subarray(0, (values.length / fixed) * wanted));
  }
  return joinFloats(parts);
}

/** `count` elements of a batch from `first` on; those beyond its end are copies of the last one. */
function rows<T extends Float32Array | Int32Array>(data: T, first: number, count: number, batch: number): T {
  const size = data.length / batch;
  if (first + count <= batch) return data.subarray(first * size, (first + count) * size) as T;
  const filled = (data instanceof Float32Array ? new Float32Array(count * size) : new Int32Array(count * size)) as T;
  for (let index = 0; index < count; index++) {
    const source = Math.min(first + index, batch - 1);
    filled.set(data.subarray(source * size, (source + 1) * size), index * size);
  }
  return filled;
}

/** @param scale pixels per element, for the message */
function requireExtent(graph: ExportedGraph, { shape }: PortDescription, { height, width }: Extent, scale: number): void {
  const [, , fixedHeight, fixedWidth] = shape;
  const fits = (fixed: number | string | undefined, wanted: number) => typeof fixed !== "number" || fixed < 1 || fixed === wanted;
  if (fits(fixedHeight, height) && fits(fixedWidth, width)) return;
  const pixels = (side: number | string | undefined) => (typeof side === "number" ? side * scale : "any");
  throw new DreamError(
    "usage/size",
    `${graph.path} is exported for pictures of ${pixels(fixedWidth)}×${pixels(fixedHeight)} only, not ${width * scale}×${height * scale}`,
  );
}

function requireTokens(graph: ExportedGraph, { shape }: PortDescription, tokens: number): void {
  const [, fixed] = shape;
  if (typeof fixed !== "number" || fixed < 1 || fixed === tokens) return;
  throw new DreamError(
    "model/unsupported",
    `${graph.path} is exported for ${fixed} tokens, not ${tokens}: leave out --long_prompts and .and()`,
  );
}

function notSuch({ path, inputs, outputs }: ExportedGraph, kind: string): DreamError {
  const list = (ports: readonly PortDescription[]) => ports.map(({ name }) => name).join(", ");
  return new DreamError("model/unsupported", `${path} is not a ${kind}: it takes ${list(inputs)} and gives ${list(outputs)}`);
}

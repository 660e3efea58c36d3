import type { WeightSource } from "../checkpoints/tensor.js";
import type { Feed } from "../onnx/session.js";
import { kernelBytes, kernelShape } from "./convolution/kernel-forms.js";
import { deltasOf, type WeightDeltas } from "./weight-delta.js";
import { findWeight, type WeightRequest } from "./weight-reader.js";
import { computeOnThreads } from "./weight-workers.js";

/** Weights with deltas, and where those without come from. */
export interface ChangedKernels {
  readonly deltas: WeightDeltas;
  /** The same network's as it is stored. */
  readonly plain: KernelStore;
}

/**
 * The convolution kernels of one network in the forms that its graphs multiply with, computed once from the checkpoint and shared by the
 * graphs of all picture sizes, and by the networks that differ from it in other layers.
 */
export class KernelStore {
  readonly #kernels = new Map<string, Feed>();

  constructor(
    private readonly source: WeightSource,
    private readonly threads: number,
    private readonly changed?: ChangedKernels,
  ) {}

  /** @returns one entry per input, by the input's name */
  async feeds(inputs: readonly WeightRequest[]): Promise<Record<string, Feed>> {
    const { deltas, plain } = this.changed ?? {};
    const own = plain ? inputs.filter(({ key }) => deltasOf(key, deltas).length > 0) : inputs;
    const shared = plain ? await plain.feeds(inputs.filter((input) => !own.includes(input))) : {};
    const missing = own.filter(({ name }) => !this.#kernels.has(name));
    const computing = computeWeights(missing, this.source, this.threads, { deltas, ahead: Number.POSITIVE_INFINITY });
    for await (const [name, feed] of computing) this.#kernels.set(name, feed);
    return { ...shared, ...Object.fromEntries(own.map(({ name }) => [name, this.#kernels.get(name) as Feed])) };
  }

  clear(): void {
    this.#kernels.clear();
  }
}

export interface ComputeOptions {
  /** Changes of the original weights, applied first. */
  readonly deltas?: WeightDeltas;
  /** Results per thread that may wait for whoever takes them. */
  readonly ahead?: number;
}

/**
 * Brings weights from a checkpoint into the form that graphs multiply with, in the order asked for.
 * @throws DreamError weights/*, file/unreadable, safetensors/truncated
 */
export async function* computeWeights(
  requests: readonly WeightRequest[],
  source: WeightSource,
  threads: number,
  { deltas, ahead = 3 }: ComputeOptions = {},
): AsyncGenerator<readonly [string, Feed]> {
  const tasks = requests.map((request) => ({
    request,
    stored: findWeight(source, request.key, request.shape),
    deltas: deltasOf(request.key, deltas),
  }));
  const bytes = requests.reduce((sum, request) => sum + computedBytes(request), 0);
  let index = 0;
  for await (const data of computeOnThreads(tasks, threads, bytes, ahead)) {
    const request = requests[index++] as WeightRequest;
    yield [request.name, { data, shape: computedShape(request) }];
  }
}

/** Shape of a weight in the form that was asked for. */
export function computedShape({ form, shape }: WeightRequest): readonly number[] {
  return form ? kernelShape(form, shape[0] as number, shape[1] as number) : shape;
}

/** Bytes of a weight in the form that was asked for. */
export function computedBytes({ form, shape }: WeightRequest): number {
  return form ? kernelBytes(form, shape[0] as number, shape[1] as number) : shape.reduce((product, extent) => product * extent, 4);
}

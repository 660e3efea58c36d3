import type { WeightSource } from "../checkpoints/tensor.js";
import { GraphBuilder } from "../onnx/graph.js";
import { Operators } from "../onnx/operators.js";
import { type Feed, GraphSession } from "../onnx/session.js";
import { kernelBytes, kernelShape, transformKernel } from "./convolution/kernel-forms.js";
import { type WeightDeltas, WeightReader, type WeightRequest } from "./weight-reader.js";

/** Tensors are computed in groups of about this size: the runtime uses its scratch memory again within a group, and a group must fit twice. */
const GROUP_BYTES = 512e6;

/**
 * The convolution kernels of one network in the forms that its graphs multiply with, computed once from the checkpoint and shared by the
 * graphs of all picture sizes.
 */
export class KernelStore {
  readonly #kernels = new Map<string, Feed>();

  constructor(
    private readonly source: WeightSource,
    private readonly threads: number,
    private readonly deltas: WeightDeltas | undefined,
  ) {}

  /** @returns one entry per input, by the input's name */
  async feeds(inputs: readonly WeightRequest[]): Promise<Record<string, Feed>> {
    const missing = inputs.filter(({ name }) => !this.#kernels.has(name));
    for await (const [name, feed] of computeWeights(missing, this.source, this.threads, this.deltas)) this.#kernels.set(name, feed);
    return Object.fromEntries(inputs.map(({ name }) => [name, this.#kernels.get(name) as Feed]));
  }

  clear(): void {
    this.#kernels.clear();
  }
}

/**
 * Brings weights from a checkpoint into the form that graphs multiply with, in the order asked for. onnxruntime does the computing, in a
 * small graph per group, so that nothing but the results stays in memory.
 * @param deltas changes of the original weights, applied first
 */
export async function* computeWeights(
  requests: readonly WeightRequest[],
  source: WeightSource,
  threads: number,
  deltas?: WeightDeltas,
): AsyncGenerator<readonly [string, Feed]> {
  for (const group of groups(requests)) {
    const ops = new Operators(new GraphBuilder("weights"));
    const reader = new WeightReader(ops, source, deltas);
    const outputs = group.map(({ key, shape, form }) => {
      const stored = reader.tensor(key, shape);
      return ops.graph.output(form ? transformKernel(ops, stored, form) : stored);
    });
    // Without optimisations nothing is folded: the graph runs, on all threads.
    const session = await GraphSession.create(ops.graph.build(), { folder: source.folder, threads, optimize: false });
    const results = await session.runAll({});
    await session.release();
    for (const [index, request] of group.entries()) {
      yield [request.name, { data: results.get(outputs[index] as string) as Feed["data"], shape: computedShape(request) }];
    }
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

function* groups(requests: readonly WeightRequest[]): Generator<WeightRequest[]> {
  let group: WeightRequest[] = [];
  let bytes = 0;
  for (const request of requests) {
    group.push(request);
    bytes += computedBytes(request);
    if (bytes >= GROUP_BYTES) {
      yield group;
      group = [];
      bytes = 0;
    }
  }
  if (group.length > 0) yield group;
}

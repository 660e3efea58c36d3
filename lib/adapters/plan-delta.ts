import { elementCount, isFloat } from "../checkpoints/read-tensor.js";
import type { TensorRef } from "../checkpoints/tensor.js";
import { DreamError } from "../errors.js";
import type { Factors, Matrix, WeightDelta } from "../networks/weight-delta.js";
import type { AdaptableLayer } from "./adaptable-layers.js";
import type { LoraPart } from "./lora-keys.js";
import { type RankScaling, scaleOf } from "./rank-scaling.js";
import { expandCore, multiply, transposed } from "./tensor-math.js";
import type { TensorReader } from "./tensor-reader.js";

/** The tensors of a LoRA file that change one layer. */
export type LoraModule = ReadonlyMap<LoraPart, TensorRef>;

/** A change that fits its layer; its numbers are still in the file. */
export interface PlannedDelta {
  /** Of what `read` gives, as 32-bit floats. */
  readonly bytes: number;
  /**
   * @param reader of the module's file
   * @throws DreamError lora/unsuitable for numbers that are none, file/unreadable, safetensors/truncated
   */
  read(reader: TensorReader): Promise<WeightDelta>;
}

/** Nobody trains more, and a smaller one does what a larger one can. */
const LARGEST_RANK = 4096;

/**
 * Finds out how the tensors of a module change a layer, from their shapes alone. Formulas: LoRA and LoCon W + up · down, LoHa
 * (w1_a · w1_b) ∘ (w2_a · w2_b), LoKr w1 ⊗ w2, all times alpha / rank; kernels may come as Tucker decompositions (`mid`, `t1`, `t2`), see
 * https://github.com/KohakuBlueleaf/LyCORIS.
 * @param file named in errors
 * @throws DreamError lora/unsuitable, naming file and key
 */
export function planDelta(file: string, module: LoraModule, layer: AdaptableLayer, scaling: RankScaling | undefined): PlannedDelta {
  const plan = new DeltaPlan(file, module, layer, scaling);
  if (module.has("magnitude")) throw plan.unsuitable("magnitude", "belongs to a DoRA, which is not supported");
  if (module.has("down") || module.has("up")) return plan.product();
  if (module.has("hada_w1_a")) return plan.hadamard();
  if (module.has("lokr_w1") || module.has("lokr_w1_a")) return plan.kronecker();
  const [part] = module.keys();
  throw plan.unsuitable(part as LoraPart, "stands alone: the tensors that belong to it are missing");
}

/** The extents of a factor, those behind the second multiplied into it. */
interface Extents {
  readonly ref: TensorRef;
  readonly rows: number;
  readonly columns: number;
}

/** The numbers of a tensor. */
type Read = (extents: Pick<Extents, "ref">) => Promise<Float32Array>;

class DeltaPlan {
  /** Of the layer's weight. */
  private readonly outputs: number;
  private readonly inputs: number;
  private readonly taps: number;
  private bytes = 0;

  constructor(
    private readonly file: string,
    private readonly module: LoraModule,
    private readonly layer: AdaptableLayer,
    private readonly scaling: RankScaling | undefined,
  ) {
    const [outputs = 0, inputs = 0, ...kernel] = layer.shape;
    this.outputs = outputs;
    this.inputs = inputs;
    this.taps = kernel.reduce((product, extent) => product * extent, 1);
  }

  product(): PlannedDelta {
    const down = this.extents("down");
    const up = this.extents("up");
    this.requireShape(up, this.outputs, up.columns);
    this.requireRank("down", Math.max(down.rows, up.columns));
    if (!this.module.has("mid")) {
      this.requireShape(up, this.outputs, down.rows);
      this.requireShape(down, down.rows, this.inputs * this.taps, this.inputs);
      return this.plan(down.rows, async (read, scale) => {
        return { kind: "product", rank: down.rows, up: await read(up), down: await read(down), scale };
      });
    }
    this.requireShape(down, down.rows, this.inputs);
    const core = this.core("mid", up.columns, down.rows);
    return this.plan(down.rows, async (read, scale) => {
      const expanded = expandCore(await read(core), await matrix(read, down), this.taps);
      return { kind: "product", rank: up.columns, up: await read(up), down: expanded, scale };
    });
  }

  hadamard(): PlannedDelta {
    const first = this.hadamardFactors(1);
    const second = this.hadamardFactors(2);
    return this.plan(first.rank, async (read, scale) => {
      return { kind: "hadamard", first: await first.read(read), second: await second.read(read), scale };
    });
  }

  private hadamardFactors(which: 1 | 2): { rank: number; read: (read: Read) => Promise<Factors> } {
    const a = this.extents(`hada_w${which}_a`);
    const b = this.extents(`hada_w${which}_b`);
    const rank = b.rows;
    this.requireRank(`hada_w${which}_b`, Math.max(rank, this.module.has(`hada_t${which}`) ? a.rows : 0));
    if (!this.module.has(`hada_t${which}`)) {
      this.requireShape(a, this.outputs, rank);
      this.requireShape(b, rank, this.inputs * this.taps);
      return { rank, read: async (read) => ({ rank, up: await read(a), down: await read(b) }) };
    }
    this.requireShape(a, a.rows, this.outputs);
    this.requireShape(b, rank, this.inputs);
    const core = this.core(`hada_t${which}`, a.rows, rank);
    return {
      rank,
      read: async (read) => ({
        rank: a.rows,
        up: transposed(await matrix(read, a)).values,
        down: expandCore(await read(core), await matrix(read, b), this.taps),
      }),
    };
  }

  kronecker(): PlannedDelta {
    const left = this.kroneckerSide(1);
    const right = this.kroneckerSide(2);
    if (left.rows * right.rows !== this.outputs || left.columns * right.columns !== this.inputs * this.taps) {
      const found = `${left.rows * right.rows} × ${left.columns * right.columns}`;
      throw this.unsuitable(left.part, `and ${this.keyOf(right.part)} make a matrix of ${found}, but ${this.expectation()}`);
    }
    const rank = left.rank ?? right.rank;
    return this.plan(rank, async (read, scale) => {
      return { kind: "kronecker", left: await left.read(read), right: await right.read(read), scale };
    });
  }

  private kroneckerSide(which: 1 | 2): {
    part: LoraPart;
    rows: number;
    columns: number;
    rank?: number;
    read: (read: Read) => Promise<Matrix>;
  } {
    const whole = `lokr_w${which}` as const;
    if (this.module.has(whole)) {
      const factor = this.extents(whole);
      return { part: whole, rows: factor.rows, columns: factor.columns, read: (read) => matrix(read, factor) };
    }
    const [partA, partB] = [`lokr_w${which}_a`, `lokr_w${which}_b`] as const;
    const a = this.extents(partA);
    const b = this.extents(partB);
    this.requireRank(partB, b.rows);
    if (which === 1 || !this.module.has("lokr_t2")) {
      this.requireShape(a, a.rows, b.rows);
      const product = async (read: Read) => multiply({ rank: b.rows, up: await read(a), down: await read(b) });
      return { part: partA, rows: a.rows, columns: b.columns, rank: b.rows, read: product };
    }
    const core = this.core("lokr_t2", a.rows, b.rows);
    const expanded = async (read: Read) => {
      const down = expandCore(await read(core), await matrix(read, b), this.taps);
      return multiply({ rank: a.rows, up: transposed(await matrix(read, a)).values, down });
    };
    return { part: partA, rows: a.columns, columns: b.columns * this.taps, rank: a.rows, read: expanded };
  }

  /** @returns an error about this tensor of the module */
  unsuitable(part: LoraPart, what: string): DreamError {
    return new DreamError("lora/unsuitable", `${this.file}: ${this.keyOf(part)} ${what}`);
  }

  private plan(rank: number | undefined, make: (read: Read, scale: number) => Promise<WeightDelta>): PlannedDelta {
    const alpha = this.module.get("alpha");
    if (alpha !== undefined && (elementCount(alpha) !== 1 || !isFloat(alpha.dtype))) {
      throw this.unsuitable("alpha", `is ${alpha.dtype} [${alpha.shape.join(", ")}], not one number`);
    }
    return {
      bytes: this.bytes,
      read: async (reader) => {
        const read: Read = async ({ ref }) => this.finite(ref, await reader.read(ref));
        const strength = alpha && (await read({ ref: alpha }))[0];
        return make(read, scaleOf(this.layer.name, rank, strength, this.scaling));
      },
    };
  }

  /** @throws DreamError where the tensor is missing, is no matrix of numbers, or is larger than any that is meant so */
  private extents(part: LoraPart): Extents {
    const ref = this.module.get(part);
    if (ref === undefined) {
      const [present] = this.module.keys();
      throw this.unsuitable(present as LoraPart, `stands without its ${part}`);
    }
    const [rows = 0, ...others] = ref.shape;
    const columns = others.reduce((product, extent) => product * extent, 1);
    if (others.length < 1 || others.length > 3 || rows < 1 || columns < 1) {
      throw this.unsuitable(part, `has the shape [${ref.shape.join(", ")}], which is no matrix`);
    }
    if (!isFloat(ref.dtype)) throw this.unsuitable(part, `is stored as ${ref.dtype}, which is not supported`);
    this.bytes += rows * columns * 4;
    return { ref, rows, columns };
  }

  /** The core of a Tucker decomposition, (P, Q, kh, kw). */
  private core(part: LoraPart, rows: number, columns: number): Extents {
    const core = this.extents(part);
    this.requireShape(core, rows, columns * this.taps, columns);
    // What it is expanded to.
    this.bytes += rows * this.inputs * this.taps * 4;
    return core;
  }

  /** @param second the extent of the second axis, where more follow */
  private requireShape({ ref, rows, columns }: Extents, wantedRows: number, wantedColumns: number, second = wantedColumns): void {
    const fits = rows === wantedRows && columns === wantedColumns && (ref.shape.length < 3 || ref.shape[1] === second);
    if (!fits) throw this.misfit(ref);
  }

  private requireRank(part: LoraPart, rank: number): void {
    if (rank > LARGEST_RANK) throw this.unsuitable(part, `has the rank ${rank}; at most ${LARGEST_RANK} is read`);
  }

  private misfit(ref: TensorRef): DreamError {
    return new DreamError("lora/unsuitable", `${this.file}: ${ref.key} is [${ref.shape.join(", ")}], but ${this.expectation()}`);
  }

  private expectation(): string {
    return `the model's ${this.layer.name} is [${this.layer.shape.join(", ")}]`;
  }

  private keyOf(part: LoraPart): string {
    return this.module.get(part)?.key ?? part;
  }

  private finite(ref: TensorRef, values: Float32Array): Float32Array {
    // Millions of numbers: no iterator.
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i]))
        throw new DreamError("lora/unsuitable", `${this.file}: ${ref.key} holds values that are not numbers`);
    }
    return values;
  }
}

async function matrix(read: Read, factor: Extents): Promise<Matrix> {
  return { rows: factor.rows, columns: factor.columns, values: await read(factor) };
}

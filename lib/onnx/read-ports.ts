import { open, stat } from "node:fs/promises";
import { DreamError } from "../errors.js";
import type { PortDescription } from "./exported-graph.js";

/* The fields of onnx.proto that lead to a graph's inputs and outputs; https://github.com/onnx/onnx/blob/main/onnx/onnx.proto */
const MODEL_GRAPH = 7;
const GRAPH = { initializer: 5, input: 11, output: 12 };
const TENSOR_NAME = 8;
const VALUE = { name: 1, type: 2 };
const TYPE_TENSOR = 1;
const TENSOR_SHAPE = 2;
const SHAPE_DIMENSION = 1;
const DIMENSION = { value: 1, name: 2 };

/** Fields of a file that are walked past, at most: a large graph has some ten thousand. */
const MOST_FIELDS = 1_000_000;
/** Bytes of a name or of a description of an input, at most. */
const LONGEST = 65_536;
const MOST_PORTS = 1000;
const WINDOW = 4096;

/**
 * Reads what an exported graph takes and gives, without opening it: weights are skipped, whatever their size.
 *
 * @param path of an .onnx file
 * @returns ports without their types
 * @throws DreamError file/unreadable, model/not-a-model when it is no such file
 */
export async function readPorts(path: string): Promise<Record<"inputs" | "outputs", Omit<PortDescription, "type">[]>> {
  // Before it is opened: opening a named pipe would wait for somebody to write into it.
  const info = await stat(path).catch(() => undefined);
  if (info !== undefined && !info.isFile()) throw new DreamError("file/unreadable", `${path} is not a regular file`);
  const file = await open(path).catch((error: unknown) => {
    throw new DreamError("file/unreadable", `${path} could not be opened`, { cause: error });
  });
  try {
    const { size } = await file.stat();
    const walk = new Walk(path, (buffer, at) => file.read(buffer, 0, buffer.length, at).then(({ bytesRead }) => bytesRead));
    return await portsOf(walk, size);
  } finally {
    await file.close();
  }
}

async function portsOf(walk: Walk, size: number): Promise<Record<"inputs" | "outputs", Omit<PortDescription, "type">[]>> {
  const inputs: Omit<PortDescription, "type">[] = [];
  const outputs: Omit<PortDescription, "type">[] = [];
  const weights = new Set<string>();
  let graphs = 0;
  for await (const model of walk.fields(0, size)) {
    if (model.number !== MODEL_GRAPH) continue;
    graphs++;
    for await (const field of walk.fields(model.start, model.end)) {
      if (field.number === GRAPH.initializer) {
        for await (const part of walk.fields(field.start, field.end)) if (part.number === TENSOR_NAME) weights.add(await walk.text(part));
      }
      if (field.number === GRAPH.input) inputs.push(await readPort(walk, field));
      if (field.number === GRAPH.output) outputs.push(await readPort(walk, field));
      if (inputs.length + outputs.length > MOST_PORTS) throw walk.refuse("it has more inputs and outputs than any network");
    }
  }
  if (graphs !== 1) throw walk.refuse("it holds no graph");
  // Old exporters list the weights among the inputs.
  return { inputs: inputs.filter(({ name }) => !weights.has(name)), outputs };
}

async function readPort(walk: Walk, { start, end }: Field): Promise<Omit<PortDescription, "type">> {
  if (end - start > LONGEST) throw walk.refuse("the description of an input is longer than any");
  let name = "";
  const shape: (number | string)[] = [];
  for await (const field of walk.fields(start, end)) {
    if (field.number === VALUE.name) name = await walk.text(field);
    if (field.number !== VALUE.type) continue;
    for await (const dimension of walk.nested(field, [TYPE_TENSOR, TENSOR_SHAPE, SHAPE_DIMENSION])) {
      let side: number | string = "";
      for await (const part of walk.fields(dimension.start, dimension.end)) {
        if (part.number === DIMENSION.value) side = part.value;
        if (part.number === DIMENSION.name) side = await walk.text(part);
      }
      shape.push(side);
    }
  }
  return { name, shape };
}

interface Field {
  readonly number: number;
  /** Of its bytes in the file; empty for a number. */
  readonly start: number;
  readonly end: number;
  /** Of a number. */
  readonly value: number;
}

/** Goes through protocol-buffer messages of a file (https://protobuf.dev/programming-guides/encoding/) without reading what is skipped. */
class Walk {
  private readonly window = new Uint8Array(WINDOW);
  private windowStart = 0;
  private windowLength = 0;
  private walked = 0;

  constructor(
    private readonly path: string,
    private readonly read: (buffer: Uint8Array, at: number) => Promise<number>,
  ) {}

  async *fields(start: number, end: number): AsyncGenerator<Field> {
    for (let at = start; at < end; ) {
      if (++this.walked > MOST_FIELDS) throw this.refuse("it has more parts than any network");
      const tag = await this.varint(at, end);
      const [number, wire] = [Math.floor(tag.value / 8), tag.value % 8];
      if (wire === 0) {
        const { value, next } = await this.varint(tag.next, end);
        yield { number, start: next, end: next, value };
        at = next;
      } else {
        const { value: length, next } = wire === 2 ? await this.varint(tag.next, end) : { value: widthOf(wire), next: tag.next };
        if (!(length >= 0 && next + length <= end)) throw this.refuse("its parts do not fit into one another");
        yield { number, start: next, end: next + length, value: 0 };
        at = next + length;
      }
    }
  }

  /** The messages at the end of a chain of fields. */
  async *nested({ start, end }: Pick<Field, "start" | "end">, [first, ...others]: readonly number[]): AsyncGenerator<Field> {
    for await (const field of this.fields(start, end)) {
      if (field.number !== first) continue;
      if (others.length === 0) yield field;
      else yield* this.nested(field, others);
    }
  }

  async text({ start, end }: Field): Promise<string> {
    if (end - start > LONGEST) throw this.refuse("a name in it is longer than any");
    const bytes = new Uint8Array(end - start);
    for (let i = 0; i < bytes.length; i++) bytes[i] = await this.byte(start + i);
    return new TextDecoder().decode(bytes);
  }

  refuse(why: string): DreamError {
    return new DreamError("model/not-a-model", `${this.path} is no .onnx file: ${why}`);
  }

  private async varint(at: number, end: number): Promise<{ value: number; next: number }> {
    let value = 0;
    for (let i = 0; i < 10 && at + i < end; i++) {
      const byte = await this.byte(at + i);
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return { value, next: at + i + 1 };
    }
    throw this.refuse("a number in it has no end");
  }

  private async byte(at: number): Promise<number> {
    if (at < this.windowStart || at >= this.windowStart + this.windowLength) {
      this.windowStart = at;
      this.windowLength = await this.read(this.window, at);
      if (this.windowLength === 0) throw this.refuse("it ends too soon");
    }
    return this.window[at - this.windowStart]!;
  }
}

/** Bytes of a number of fixed width; NaN for what is no field. */
function widthOf(wire: number): number {
  return wire === 1 ? 8 : wire === 5 ? 4 : Number.NaN;
}

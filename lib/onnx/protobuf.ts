/**
 * Writes protocol-buffer messages (https://protobuf.dev/programming-guides/encoding/): as much of the wire format as ModelProto needs.
 * Reading is not needed anywhere: graphs only leave this program.
 */
const WIRE_VARINT = 0;
const WIRE_LENGTH_DELIMITED = 2;
const WIRE_FIXED32 = 5;

const utf8 = new TextEncoder();

export class ProtoMessage {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  /** Integer, boolean or enum field; negative numbers take ten bytes, as int64 prescribes. */
  integer(field: number, value: number | bigint): this {
    return this.#tag(field, WIRE_VARINT).#push(varint(value));
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.#tag(field, WIRE_FIXED32).#push(bytes);
  }

  string(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value));
  }

  /** The bytes are kept by reference: they must not change before `finish`. */
  bytes(field: number, value: Uint8Array): this {
    return this.#tag(field, WIRE_LENGTH_DELIMITED).#push(varint(value.length)).#push(value);
  }

  message(field: number, value: ProtoMessage): this {
    this.#tag(field, WIRE_LENGTH_DELIMITED).#push(varint(value.#length));
    for (const chunk of value.#chunks) this.#push(chunk);
    return this;
  }

  finish(): Uint8Array {
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    return whole;
  }

  #tag(field: number, wire: number): this {
    return this.#push(varint(field * 8 + wire));
  }

  #push(chunk: Uint8Array): this {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    return this;
  }
}

function varint(value: number | bigint): Uint8Array {
  if (typeof value === "number" && value >= 0 && value < 128) return Uint8Array.of(value);
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

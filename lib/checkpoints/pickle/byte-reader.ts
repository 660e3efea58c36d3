/** Reads the operands of a pickle one behind the other. */
export class ByteReader {
  #position: number;
  readonly #view: DataView;

  /**
   * @param fail makes the error for bytes that end too early
   * @param position where to begin
   */
  constructor(
    readonly bytes: Uint8Array,
    private readonly fail: (what: string) => Error,
    position = 0,
  ) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = position;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#position;
  }

  /** The next bytes, in place. */
  take(length: number): Uint8Array {
    return this.bytes.subarray(this.#advance(length), this.#position);
  }

  uint8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  uint16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  /** A length of 64 bits; one beyond the exact integers reads as one that no file has. */
  length64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  /** Pickles hold this one number with its first byte first in value. */
  bigEndianDouble(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** Bytes up to a line feed, which is read, too. */
  line(): Uint8Array {
    const end = this.bytes.indexOf(LINE_FEED, this.#position);
    if (end === -1) throw this.fail("it ends inside a line");
    const line = this.take(end - this.#position);
    this.#advance(1);
    return line;
  }

  #advance(length: number): number {
    const start = this.#position;
    if (length > this.bytes.byteLength - start)
      throw this.fail(`it ends at byte ${this.bytes.byteLength}, ${length} bytes were due at ${start}`);
    this.#position = start + length;
    return start;
  }
}

const LINE_FEED = 0x0a;

import { DreamError } from "../../errors.js";
import { ByteReader } from "./byte-reader.js";
import { isKnown, makeKnown } from "./known-names.js";
import { readDecimal, readFloat, readLong, readQuoted, readRawUnicode } from "./literals.js";
import { OPCODE } from "./opcodes.js";
import { type PickledList, PickledName, PickledObject, PickledTensor, type PickledValue } from "./values.js";

/**
 * Instructions that one pickle may have. The largest checkpoints need some 100,000, with the state of their optimizer 500,000; every one of
 * them may make an object.
 */
const MOST_STEPS = 2_000_000;
const NEWEST_PROTOCOL = 5;

/** What a persistent id of the pickle stands for; undefined when it is none that is known. */
export type ReadPersistent = (id: PickledValue) => PickledValue | undefined;

/** A value and where the pickle that holds it ends. */
export interface ReadPickle {
  readonly value: PickledValue;
  /** Position behind its last byte. */
  readonly end: number;
}

/**
 * Reads one pickle without running anything of it: of all that a pickle can ask Python to call, only what makes tensors and dictionaries is
 * known (`known-names.ts`), and the rest ends the reading.
 *
 * @param bytes hold the pickle at `start`; what lies behind its end is not looked at
 * @param origin named in errors
 * @throws DreamError pickle/code when it asks for a call that is not known, pickle/format when it is no whole pickle
 */
export function readPickle(bytes: Uint8Array, origin: string, readPersistent: ReadPersistent, start = 0): ReadPickle {
  const reader = new ByteReader(bytes, (what) => new DreamError("pickle/format", `${origin} holds a damaged pickle: ${what}`), start);
  return { value: new PickleMachine(reader, origin, readPersistent).run(), end: reader.position };
}

class PickleMachine {
  readonly #stack: PickledValue[] = [];
  /** Heights of the stack at which a mark stands. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickledValue>();
  #steps = 0;

  constructor(
    private readonly reader: ByteReader,
    private readonly origin: string,
    private readonly readPersistent: ReadPersistent,
  ) {}

  run(): PickledValue {
    for (;;) {
      this.#spend(1);
      const opcode = this.reader.uint8();
      if (opcode === OPCODE.STOP) return this.#pop();
      this.#step(opcode);
    }
  }

  #step(opcode: number): void {
    const { reader } = this;
    switch (opcode) {
      case OPCODE.PROTO: {
        const protocol = reader.uint8();
        if (protocol > NEWEST_PROTOCOL) throw this.#damaged(`it has the protocol ${protocol}, the newest is ${NEWEST_PROTOCOL}`);
        return;
      }
      case OPCODE.FRAME:
        // Says how much to read at once; all of it is in memory.
        reader.take(8);
        return;

      case OPCODE.MARK:
        this.#marks.push(this.#stack.length);
        return;
      case OPCODE.POP:
        if (this.#stack.length === this.#marks.at(-1)) this.#marks.pop();
        else this.#pop();
        return;
      case OPCODE.POP_MARK:
        this.#popMark();
        return;
      case OPCODE.DUP:
        this.#push(this.#top());
        return;

      case OPCODE.PUT:
        this.#remember(this.#index(reader.line()));
        return;
      case OPCODE.BINPUT:
        this.#remember(reader.uint8());
        return;
      case OPCODE.LONG_BINPUT:
        this.#remember(reader.uint32());
        return;
      case OPCODE.MEMOIZE:
        this.#remember(this.#memo.size);
        return;
      case OPCODE.GET:
        this.#recall(this.#index(reader.line()));
        return;
      case OPCODE.BINGET:
        this.#recall(reader.uint8());
        return;
      case OPCODE.LONG_BINGET:
        this.#recall(reader.uint32());
        return;

      case OPCODE.APPEND:
        this.#append([this.#pop()]);
        return;
      case OPCODE.APPENDS:
      case OPCODE.ADDITEMS:
        this.#append(this.#popMark());
        return;
      case OPCODE.SETITEM: {
        const value = this.#pop();
        this.#setItems([this.#pop(), value]);
        return;
      }
      case OPCODE.SETITEMS:
        this.#setItems(this.#popMark());
        return;
      case OPCODE.DICT: {
        const items = this.#popMark();
        this.#push(new Map());
        this.#setItems(items);
        return;
      }

      case OPCODE.REDUCE: {
        const values = this.#popList();
        const name = this.#popName();
        this.#push(this.#made(name, values));
        return;
      }
      case OPCODE.NEWOBJ: {
        const values = this.#popList();
        const name = this.#popName();
        this.#push(isKnown(name) ? this.#made(name, values) : new PickledObject(name, values));
        return;
      }
      case OPCODE.BUILD:
        this.#build();
        return;
      case OPCODE.BINPERSID: {
        const value = this.readPersistent(this.#pop());
        if (value === undefined) throw this.#damaged("it refers to something outside that is no storage of torch's");
        this.#push(value);
        return;
      }
      default:
        this.#push(this.#literal(opcode));
        return;
    }
  }

  /** Everything that only pushes a value. */
  #literal(opcode: number): PickledValue {
    const { reader } = this;
    switch (opcode) {
      case OPCODE.NONE:
        return null;
      case OPCODE.NEWTRUE:
        return true;
      case OPCODE.NEWFALSE:
        return false;
      case OPCODE.BININT:
        return reader.int32();
      case OPCODE.BININT1:
        return reader.uint8();
      case OPCODE.BININT2:
        return reader.uint16();
      case OPCODE.BINFLOAT:
        return reader.bigEndianDouble();
      case OPCODE.INT:
      case OPCODE.LONG:
        return this.#parsed(readDecimal(reader.line()));
      case OPCODE.FLOAT:
        return this.#parsed(readFloat(reader.line()));
      case OPCODE.LONG1:
        return this.#parsed(readLong(reader.take(reader.uint8())));
      case OPCODE.LONG4:
        return this.#parsed(readLong(reader.take(reader.uint32())));

      case OPCODE.STRING:
        return this.#parsed(readQuoted(reader.line()));
      case OPCODE.UNICODE:
        return readRawUnicode(reader.line());
      case OPCODE.SHORT_BINSTRING:
        return LATIN.decode(reader.take(reader.uint8()));
      case OPCODE.BINSTRING:
        return LATIN.decode(reader.take(reader.uint32()));
      case OPCODE.SHORT_BINUNICODE:
        return UTF8.decode(reader.take(reader.uint8()));
      case OPCODE.BINUNICODE:
        return UTF8.decode(reader.take(reader.uint32()));
      case OPCODE.BINUNICODE8:
        return UTF8.decode(reader.take(reader.length64()));
      case OPCODE.SHORT_BINBYTES:
        return reader.take(reader.uint8());
      case OPCODE.BINBYTES:
        return reader.take(reader.uint32());
      case OPCODE.BINBYTES8:
        return reader.take(reader.length64());

      case OPCODE.EMPTY_LIST:
      case OPCODE.EMPTY_TUPLE:
      case OPCODE.EMPTY_SET:
        return [];
      case OPCODE.EMPTY_DICT:
        return new Map();
      case OPCODE.TUPLE:
      case OPCODE.LIST:
      case OPCODE.FROZENSET:
        return this.#popMark();
      case OPCODE.TUPLE1:
        return this.#popLast(1);
      case OPCODE.TUPLE2:
        return this.#popLast(2);
      case OPCODE.TUPLE3:
        return this.#popLast(3);

      case OPCODE.GLOBAL: {
        const module = UTF8.decode(reader.line());
        return new PickledName(module, UTF8.decode(reader.line()));
      }
      case OPCODE.STACK_GLOBAL: {
        const [module, name] = this.#popLast(2);
        if (typeof module !== "string" || typeof name !== "string") throw this.#damaged("a name in it is no text");
        return new PickledName(module, name);
      }
      default:
        throw this.#damaged(`the byte ${opcode} at ${reader.position - 1} is no instruction that files of tensors have`);
    }
  }

  #made(name: PickledName, values: PickledList): PickledValue {
    const made = makeKnown(name, values, (steps) => this.#spend(steps));
    if (made !== undefined) return made;
    if (isKnown(name)) throw this.#damaged(`it gives ${quoteName(name)} other values than torch does`);
    throw new DreamError(
      "pickle/code",
      `${this.origin} asks to run ${quoteName(name)}, which nothing in a file of tensors needs; it was not run`,
    );
  }

  /** The state of an object. Of tensors and dictionaries it holds nothing that matters (hooks, versions of modules). */
  #build(): void {
    const state = this.#pop();
    const target = this.#top();
    if (target instanceof PickledObject) target.state = state;
    else if (!(target instanceof Map || target instanceof PickledTensor || Array.isArray(target))) {
      throw this.#damaged("it gives a state to something that has none");
    }
  }

  /** Items of an object whose class is not known have no meaning here. */
  #append(values: PickledList): void {
    const list = this.#top();
    if (Array.isArray(list)) for (const value of values) list.push(value);
    else if (!(list instanceof PickledObject)) throw this.#damaged("it appends to something that is no list");
  }

  #setItems(items: PickledList): void {
    const dictionary = this.#top();
    if (dictionary instanceof PickledObject) return;
    if (!(dictionary instanceof Map) || items.length % 2 === 1) throw this.#damaged("it has items of something that is no dictionary");
    for (let i = 0; i < items.length; i += 2) dictionary.set(items[i] as PickledValue, items[i + 1] as PickledValue);
  }

  #push(value: PickledValue): void {
    this.#stack.push(value);
  }

  #pop(): PickledValue {
    return this.#popLast(1)[0] as PickledValue;
  }

  #top(): PickledValue {
    const value = this.#pop();
    this.#stack.push(value);
    return value;
  }

  #popLast(count: number): PickledList {
    if (this.#stack.length - count < (this.#marks.at(-1) ?? 0)) throw this.#damaged("it takes more values than it has");
    return this.#stack.splice(this.#stack.length - count);
  }

  #popMark(): PickledList {
    const height = this.#marks.pop();
    if (height === undefined) throw this.#damaged("a mark is missing");
    return this.#stack.splice(height);
  }

  #popList(): PickledList {
    const values = this.#pop();
    if (!Array.isArray(values)) throw this.#damaged("the values of a call are no list");
    return values;
  }

  #popName(): PickledName {
    const name = this.#pop();
    if (name instanceof PickledName) return name;
    throw new DreamError(
      "pickle/code",
      `${this.origin} asks to call what it has made itself, which nothing in a file of tensors needs; it was not run`,
    );
  }

  #index(line: Uint8Array): number {
    const index = this.#parsed(readDecimal(line));
    if (typeof index !== "number" || index < 0) throw this.#damaged("a place in its memory is no number");
    return index;
  }

  #remember(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#damaged(`it asks for number ${index} of its memory, which it never put there`);
    this.#push(value);
  }

  #parsed<T>(value: T | undefined): T {
    if (value === undefined) throw this.#damaged(`what stands before byte ${this.reader.position} is no number or text`);
    return value;
  }

  #spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > MOST_STEPS) throw this.#damaged(`it has more than ${MOST_STEPS} instructions`);
  }

  #damaged(what: string): DreamError {
    return new DreamError("pickle/format", `${this.origin} holds a damaged pickle: ${what}`);
  }
}

/** One line, printable, of bearable length. */
function quoteName({ dotted }: PickledName): string {
  const text = /^[\w.]*$/.test(dotted) ? dotted : JSON.stringify(dotted);
  return text.length > 100 ? `${text.slice(0, 97)}…` : text;
}

/** A byte-order mark is text like any other here. */
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });
/** Texts of Python 2 have no encoding. */
const LATIN = new TextDecoder("latin1");

import { DreamError, type ErrorCode } from "../errors.js";
import { isJsonObject, type JsonObject, readJsonObject } from "../json-file.js";

/** Nothing in a network is wider, longer or deeper. */
const LARGEST_SIZE = 1 << 20;

/**
 * Typed access to one configuration object. A key that is absent or null has the given default; a value of the wrong type or out of
 * range is a DreamError (model/config by default) that names file, key and value.
 */
export class ConfigReader {
  readonly #values: JsonObject;
  /** File (and place in it) for messages. */
  readonly origin: string;

  readonly #code: ErrorCode;

  /** @param code of the errors about malformed values */
  constructor(values: JsonObject, origin: string, code: ErrorCode = "model/config") {
    this.#values = values;
    this.origin = origin;
    this.#code = code;
  }

  /** @throws DreamError file/not-found, file/unreadable, model/config */
  static async open(path: string): Promise<ConfigReader> {
    return new ConfigReader(await readJsonObject(path, "model/config"), path);
  }

  /** The value as it stands; undefined when absent or null. */
  raw(key: string): unknown {
    return Object.hasOwn(this.#values, key) ? (this.#values[key] ?? undefined) : undefined;
  }

  /** True for a key that is there, even with null. */
  has(key: string): boolean {
    return Object.hasOwn(this.#values, key);
  }

  keys(): string[] {
    return Object.keys(this.#values);
  }

  /** A reader of the object under `key`; an empty one when it is absent. */
  section(key: string): ConfigReader {
    const value = this.raw(key) ?? {};
    if (!isJsonObject(value)) throw this.#bad(key, "an object");
    return new ConfigReader(value, `${this.origin}: ${key}`, this.#code);
  }

  /** A whole number ≥ `minimum` and ≤ 2²⁰: sizes of networks, never more. */
  integer(key: string, fallback: number, minimum = 1): number {
    const value = this.raw(key) ?? fallback;
    if (!isSize(value, minimum)) throw this.#bad(key, `a whole number from ${minimum} to ${LARGEST_SIZE}`);
    return value;
  }

  /** Says that a whole number is larger than what is supported. */
  atMost(key: string, fallback: number, limit: number): void {
    if (this.integer(key, fallback) > limit) throw this.#bad(key, `at most ${limit}`);
  }

  /** A finite number. */
  number(key: string, fallback: number): number {
    const value = this.raw(key) ?? fallback;
    if (typeof value !== "number" || !Number.isFinite(value)) throw this.#bad(key, "a number");
    return value;
  }

  /** A finite number above 0. */
  positive(key: string, fallback: number): number {
    const value = this.number(key, fallback);
    if (value <= 0) throw this.#bad(key, "a number above 0");
    return value;
  }

  /** A number above 0 and below 1. */
  fraction(key: string, fallback: number): number {
    const value = this.number(key, fallback);
    if (value <= 0 || value >= 1) throw this.#bad(key, "a number between 0 and 1");
    return value;
  }

  boolean(key: string, fallback: boolean): boolean {
    const value = this.raw(key) ?? fallback;
    if (typeof value !== "boolean") throw this.#bad(key, "true or false");
    return value;
  }

  text(key: string): string | undefined {
    const value = this.raw(key);
    if (value !== undefined && typeof value !== "string") throw this.#bad(key, "a text");
    return value;
  }

  /** Whole numbers ≥ `minimum`, at least one and at most 16 (levels of a network). */
  integers(key: string, fallback: readonly number[], minimum = 1): readonly number[] {
    const value = this.raw(key) ?? fallback;
    if (!Array.isArray(value) || value.length === 0 || value.length > 16 || !value.every((size) => isSize(size, minimum))) {
      throw this.#bad(key, "a list of whole numbers");
    }
    return value;
  }

  /** A list of exactly `length` finite numbers, or undefined when absent. */
  numbers(key: string, length: number): readonly number[] | undefined {
    const value = this.raw(key);
    if (value === undefined) return undefined;
    if (!Array.isArray(value) || value.length !== length || !value.every(Number.isFinite)) throw this.#bad(key, `${length} numbers`);
    return value;
  }

  /** One whole number for every level, or a list of `levels` numbers. */
  perLevel(key: string, fallback: number, levels: number): readonly number[] {
    if (!Array.isArray(this.raw(key))) return new Array<number>(levels).fill(this.integer(key, fallback));
    const values = this.integers(key, []);
    if (values.length !== levels) throw this.#bad(key, `${levels} numbers`);
    return values;
  }

  /** One of `choices`; another text is unsupported rather than wrong. @throws DreamError model/unsupported */
  choice<Choice extends string>(key: string, fallback: Choice, choices: readonly Choice[]): Choice {
    return this.#known(key, this.raw(key) ?? fallback, choices);
  }

  /** A list of `levels` entries out of `choices`. @throws DreamError model/unsupported */
  choices<Choice extends string>(key: string, fallback: readonly Choice[], choices: readonly Choice[], levels: number): Choice[] {
    const value = this.raw(key) ?? fallback;
    if (!Array.isArray(value) || value.length !== levels) throw this.#bad(key, `${levels} names`);
    return value.map((entry) => this.#known(key, entry, choices));
  }

  /** Refuses every value but those that leave the network as we build it. @throws DreamError model/unsupported */
  only(key: string, ...allowed: readonly unknown[]): void {
    const value = this.raw(key);
    const same = (other: unknown) => JSON.stringify(other) === JSON.stringify(value);
    if (value !== undefined && !allowed.some(same)) throw this.#unsupported(key, value);
  }

  /** Says that `key` does not fit the rest of the file unless it divides each of `sizes`. */
  divides(key: string, divisors: readonly number[], sizes: readonly number[]): void {
    const odd = sizes.findIndex((size, level) => size % (divisors[level] ?? divisors[0]!) !== 0);
    if (odd !== -1) throw this.#bad(key, `a divisor of ${sizes[odd]}`);
  }

  #known<Choice extends string>(key: string, value: unknown, choices: readonly Choice[]): Choice {
    const known = choices.find((choice) => choice === value);
    if (known === undefined) throw this.#unsupported(key, value);
    return known;
  }

  #bad(key: string, expected: string): DreamError {
    return new DreamError(this.#code, `${this.origin}: ${key} is ${show(this.raw(key))}, expected ${expected}`);
  }

  #unsupported(key: string, value: unknown): DreamError {
    return new DreamError("model/unsupported", `${this.origin}: ${key} ${show(value)} is not supported`);
  }
}

function isSize(value: unknown, minimum: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= LARGEST_SIZE;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "absent";
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

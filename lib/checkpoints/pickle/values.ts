import type { DType } from "../tensor.js";

/** What a pickle says, as plain data: a name in it is only a name, and nothing that it asks for was called. */
export type PickledValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickledList
  | PickledDictionary
  | PickledName
  | PickledObject
  | PickledStorage
  | PickledTensor;

/** A list, a tuple or a set. */
export type PickledList = PickledValue[];
/** A dictionary, ordered or not. Keys that are no strings or numbers are told apart by identity. */
export type PickledDictionary = Map<PickledValue, PickledValue>;

/** A class or function that is only mentioned. */
export class PickledName {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}

  /** "torch.FloatStorage"; what a file says may be long and hold anything. */
  get dotted(): string {
    return `${this.module}.${this.name}`;
  }
}

/** An instance of a class that is not known here: what was stored of it. */
export class PickledObject {
  /** Mostly a dictionary of its attributes. */
  state: PickledValue = null;

  constructor(
    readonly of: PickledName,
    readonly values: PickledList,
  ) {}
}

/** Bytes beside the pickle that tensors look at. */
export class PickledStorage {
  constructor(
    /** Its name in the file. */
    readonly key: string,
    /** Absent where only the tensors know it. */
    readonly dtype: DType | undefined,
    /** Elements of `dtype`, or bytes where that is absent. */
    readonly elements: number,
  ) {}
}

/** A view of a storage; nothing of it is checked yet. */
export class PickledTensor {
  constructor(
    readonly storage: PickledStorage,
    readonly dtype: DType,
    /** All in elements. */
    readonly offset: PickledValue,
    readonly shape: PickledValue,
    readonly strides: PickledValue,
  ) {}
}

/** Element types that occur in .safetensors files. */
export type DType =
  | "F64"
  | "F32"
  | "F16"
  | "BF16"
  | "I64"
  | "I32"
  | "I16"
  | "I8"
  | "U64"
  | "U32"
  | "U16"
  | "U8"
  | "BOOL"
  | "F8_E4M3"
  | "F8_E5M2";

export const DTYPE_BYTES: Readonly<Record<DType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
  F8_E4M3: 1,
  F8_E5M2: 1,
};

/** Where one tensor lies: nothing is read until somebody needs the bytes. */
export interface TensorRef {
  /** Name in the file it comes from (for messages); a slice of a fused tensor keeps the fused name. */
  readonly key: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Absolute path. */
  readonly file: string;
  /** First byte, counted from the start of the file, or of `bytes` where they are there. */
  readonly offset: number;
  readonly byteLength: number;
  /** Where the file's own bytes cannot be used as they are: what `offset` counts in instead of the file. */
  readonly bytes?: Uint8Array;
}

/** The weights of one network, by diffusers key, whatever the layout they are stored in. */
export interface WeightSource {
  /** Folder in or below which every file of the source lies (onnxruntime resolves external data against one folder). */
  readonly folder: string;
  /** Names what is loaded, for error messages: a file or folder path. */
  readonly origin: string;
  keys(): Iterable<string>;
  get(key: string): TensorRef | undefined;
  /** What a key that is missing would be called in the user's file; absent where the names are the file's own. */
  readonly nameInFile?: (key: string) => string;
}

import type { DType } from "../tensor.js";
import { type PickledList, PickledName, PickledObject, PickledStorage, PickledTensor, type PickledValue } from "./values.js";

/** What torch calls its storages, in the module `torch` (older files: `torch.storage`, `torch.cuda`). */
const STORAGES: Readonly<Record<string, DType>> = {
  DoubleStorage: "F64",
  FloatStorage: "F32",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  LongStorage: "I64",
  IntStorage: "I32",
  ShortStorage: "I16",
  CharStorage: "I8",
  ByteStorage: "U8",
  BoolStorage: "BOOL",
};

/** What torch calls its element types. */
const TYPES: Readonly<Record<string, DType>> = {
  float64: "F64",
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
  int64: "I64",
  int32: "I32",
  int16: "I16",
  int8: "I8",
  uint8: "U8",
  uint16: "U16",
  uint32: "U32",
  uint64: "U64",
  bool: "BOOL",
  float8_e4m3fn: "F8_E4M3",
  float8_e5m2: "F8_E5M2",
};

/**
 * The element type of a storage's class.
 * @returns null for the untyped one, undefined for what is no storage
 */
export function storageType({ module, name }: PickledName): DType | null | undefined {
  if (name === "UntypedStorage" && (module === "torch" || module === "torch.storage")) return null;
  return module === "torch" && Object.hasOwn(STORAGES, name) ? STORAGES[name] : undefined;
}

/** Counts work that is more than one step of the machine; throws when it is too much. */
export type Spend = (steps: number) => void;

type Call = (values: PickledList, name: PickledName, spend: Spend) => PickledValue | undefined;

/** Kept as it was written: what they would make is no tensor and nobody here asks for it. */
const keep: Call = (values, name) => new PickledObject(name, values);

/**
 * Everything that a file may ask to be made of values, and what is made of it here. Nothing is looked up by a name from a file but in
 * this table.
 */
const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ["torch._utils._rebuild_tensor", rebuildTensor],
  ["torch._utils._rebuild_tensor_v2", rebuildTensor],
  ["torch._utils._rebuild_tensor_v3", rebuildTypedTensor],
  ["torch._utils._rebuild_parameter", ([tensor]) => (tensor instanceof PickledTensor ? tensor : undefined)],
  ["torch._utils._rebuild_parameter_with_state", ([tensor]) => (tensor instanceof PickledTensor ? tensor : undefined)],
  ["torch.nn.parameter.Parameter", ([tensor]) => (tensor instanceof PickledTensor ? tensor : undefined)],
  ["torch.Size", ([extents]) => (Array.isArray(extents) ? extents : undefined)],
  ["torch.device", keep],
  ["collections.OrderedDict", dictionary],
  ["collections.defaultdict", () => new Map()],
  ["collections.Counter", dictionary],
  ["builtins.set", ([members]) => (Array.isArray(members) ? members : undefined)],
  ["__builtin__.set", ([members]) => (Array.isArray(members) ? members : undefined)],
  ["_codecs.encode", keep],
  ["numpy.dtype", keep],
  ["numpy.core.multiarray.scalar", keep],
  ["numpy._core.multiarray.scalar", keep],
  ["numpy.core.multiarray._reconstruct", keep],
  ["numpy._core.multiarray._reconstruct", keep],
]);

/**
 * What a name makes of values.
 * @returns undefined when the name may not be called, or not with these values
 */
export function makeKnown(name: PickledName, values: PickledList, spend: Spend): PickledValue | undefined {
  return CALLS.get(name.dotted)?.(values, name, spend);
}

/** Whether a name is one of those that make something. */
export function isKnown(name: PickledName): boolean {
  return CALLS.has(name.dotted);
}

/** (storage, offset, size, stride, …) */
function rebuildTensor([storage, offset = null, shape = null, strides = null]: PickledList): PickledTensor | undefined {
  if (!(storage instanceof PickledStorage) || storage.dtype === undefined) return undefined;
  return new PickledTensor(storage, storage.dtype, offset, shape, strides);
}

/** (storage, offset, size, stride, requires_grad, hooks, type, …) */
function rebuildTypedTensor(values: PickledList): PickledTensor | undefined {
  const [storage, offset = null, shape = null, strides = null, , , type] = values;
  if (!(storage instanceof PickledStorage) || !(type instanceof PickledName) || type.module !== "torch") return undefined;
  const dtype = Object.hasOwn(TYPES, type.name) ? TYPES[type.name] : undefined;
  return dtype && new PickledTensor(storage, dtype, offset, shape, strides);
}

/** Empty, or from a list of pairs. */
function dictionary([pairs = []]: PickledList, _name: PickledName, spend: Spend): PickledValue | undefined {
  if (pairs instanceof Map) return pairs;
  if (!Array.isArray(pairs)) return undefined;
  spend(pairs.length);
  const made = new Map<PickledValue, PickledValue>();
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) return undefined;
    made.set(pair[0] as PickledValue, pair[1] as PickledValue);
  }
  return made;
}

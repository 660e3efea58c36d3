import type { TensorRef, WeightSource } from "./tensor.js";
import { weightSource } from "./weight-source.js";

/**
 * The text encoder of a folder under the names that networks ask for. transformers 5 writes the keys without `text_model.`; buffers and
 * the projection of CLIPTextModelWithProjection are not part of the network.
 */
export function textEncoderFolderKeys(source: WeightSource): WeightSource {
  const rename = (key: string) => {
    const inner = key.startsWith("text_model.") ? key.slice("text_model.".length) : key;
    if (inner.endsWith("position_ids") || inner === "text_projection.weight" || inner === "logit_scale") return undefined;
    return `text_model.${inner}`;
  };
  const isNew = ![...source.keys()].some((key) => key.startsWith("text_model."));
  return renamed(source, rename, { nameInFile: (key) => (isNew ? key.replace(/^text_model\./, "") : key) });
}

/** What diffusers called the parts of the VAE's attention before 0.18. */
const OLD_ATTENTION_NAMES: Readonly<Record<string, string>> = { query: "to_q", key: "to_k", value: "to_v", proj_attn: "to_out.0" };

/** The VAE of a folder: old attention names become the new ones, and 1×1 convolutions in attention become linear layers. */
export function autoencoderFolderKeys(source: WeightSource): WeightSource {
  return renamed(
    source,
    (key) => key.replace(/(\.attentions\.\d+)\.(query|key|value|proj_attn)\./, (_, head, old) => `${head}.${OLD_ATTENTION_NAMES[old]}.`),
    { reshape: asLinear },
  );
}

interface Renaming {
  readonly reshape?: (key: string, ref: TensorRef) => TensorRef;
  /** The old name of a new one, for keys that are missing. */
  readonly nameInFile?: (key: string) => string;
}

/** The same tensors under other keys; undefined leaves one out. */
export function renamed(source: WeightSource, rename: (key: string) => string | undefined, renaming: Renaming = {}): WeightSource {
  const { reshape = (_: string, ref: TensorRef) => ref, nameInFile = (key: string) => key } = renaming;
  const refs = new Map<string, TensorRef>();
  for (const key of source.keys()) {
    const name = rename(key);
    const ref = source.get(key);
    if (name !== undefined && ref !== undefined) refs.set(name, reshape(name, ref));
  }
  return weightSource(source.origin, refs, (key) => source.nameInFile?.(nameInFile(key)) ?? nameInFile(key));
}

/** The attention of the VAE is stored as 1×1 convolutions [C, C, 1, 1] in old files: the same bytes are a matrix [C, C]. */
export function asLinear(key: string, ref: TensorRef): TensorRef {
  const [rows, columns, height, width] = ref.shape;
  const isProjection = /\.attentions\.\d+\.to_(q|k|v|out\.0)\.weight$/.test(key);
  return isProjection && ref.shape.length === 4 && height === 1 && width === 1 ? { ...ref, shape: [rows!, columns!] } : ref;
}

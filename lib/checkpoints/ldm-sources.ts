import type { AutoencoderKLConfig, UNetConfig } from "../networks/config.js";
import { asLinear, renamed, textEncoderFolderKeys } from "./diffusers-keys.js";
import {
  LDM_AUTOENCODER,
  LDM_CLIP,
  LDM_OPEN_CLIP,
  LDM_UNET,
  ldmAutoencoderModules,
  ldmUnetModules,
  type ModuleMap,
  openClipName,
  translateKey,
  translateOpenClipKey,
} from "./ldm-key-map.js";
import type { TensorRef, WeightSource } from "./tensor.js";
import { weightSource } from "./weight-source.js";

/*
 * The networks of a single-file checkpoint under diffusers' keys. Nothing is copied: a source only knows other names, and for fused
 * tensors other offsets. Keys with a network's prefix that have no place in it keep their own name, so that the network can report
 * them as surplus; everything else in the file (EMA copies, schedule buffers) is left out.
 */

export function ldmUnetSource(file: WeightSource, config: UNetConfig): WeightSource {
  const modules = ldmUnetModules(config);
  return renamed(file, translator(LDM_UNET, modules), { nameInFile: backTranslator(LDM_UNET, modules) });
}

/** @param prefix empty for files that hold a VAE alone */
export function ldmAutoencoderSource(file: WeightSource, config: AutoencoderKLConfig, prefix: string = LDM_AUTOENCODER): WeightSource {
  const modules = ldmAutoencoderModules(config);
  const translate = translator(prefix, modules);
  // Training losses lie beside the VAE in some files.
  return renamed(file, (key) => (/^(loss|model_ema)\./.test(key.slice(prefix.length)) ? undefined : translate(key)), {
    reshape: asLinear,
    nameInFile: backTranslator(prefix, modules),
  });
}

function translator(prefix: string, modules: ModuleMap): (key: string) => string | undefined {
  return (key) => (key.startsWith(prefix) ? (translateKey(key.slice(prefix.length), modules) ?? key) : undefined);
}

function backTranslator(prefix: string, modules: ModuleMap): (key: string) => string {
  const back = new Map([...modules].map(([ldm, diffusers]) => [diffusers, ldm]));
  return (key) => prefix + (translateKey(key, back) ?? key);
}

/** The text encoder of SD 1.x: transformers' own keys behind a prefix. */
export function ldmClipSource(file: WeightSource): WeightSource {
  const inner = renamed(file, (key) => (key.startsWith(LDM_CLIP) ? key.slice(LDM_CLIP.length) : undefined), {
    nameInFile: (key) => LDM_CLIP + key,
  });
  return textEncoderFolderKeys(inner);
}

/** The text encoder of SD 2.x. The fused projection [3C, …] appears as three row slices [C, …] of the same bytes. */
export function ldmOpenClipSource(file: WeightSource): WeightSource {
  const refs = new Map<string, TensorRef>();
  for (const key of file.keys()) {
    const ref = file.get(key);
    if (ref === undefined || !key.startsWith(LDM_OPEN_CLIP)) continue;
    const names = translateOpenClipKey(key.slice(LDM_OPEN_CLIP.length));
    names.forEach((name, part) => {
      refs.set(name, rowSlice(ref, part, names.length));
    });
  }
  return weightSource(file.origin, refs, (key) => LDM_OPEN_CLIP + openClipName(key));
}

/** Part `part` of `parts` along the first axis; a tensor that does not divide is left whole and fails the network's shape check. */
function rowSlice(ref: TensorRef, part: number, parts: number): TensorRef {
  const [rows = 1, ...others] = ref.shape;
  if (parts === 1 || rows % parts !== 0) return ref;
  const byteLength = ref.byteLength / parts;
  return { ...ref, shape: [rows / parts, ...others], offset: ref.offset + part * byteLength, byteLength };
}

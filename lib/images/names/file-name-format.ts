import { convertPythonValue, type FieldValue, formatPythonValue } from "./python-format.js";
import { cutToBytes, MAX_NAME_BYTES, safeName } from "./safe-name.js";

/** Values by the names that InvokeAI's options have (`cfg_scale`, `init_img`), with `prefix`, `seed` and `model_id`. */
export type NameFields = Readonly<Record<string, FieldValue>>;

/** A name with `.png` that is safe on every file system, or what to print: then the picture is called `<prefix>.<seed>.png`. */
export type FormattedName = { readonly name: string } | { readonly problem: string };

const ENDING = ".png";

/** As the reference prints it. */
const BROKEN = "** The filename format is broken or complete. Will use '{prefix}.{seed}.png' instead";

const PIECE = /\{\{|\}\}|\{(?<name>[^{}!:]*)(?:!(?<conversion>[^{}:]*))?(?::(?<specification>[^{}]*))?\}|[^{}]+|[{}]/gsu;

/**
 * The file name that a format of `--fnformat` makes: Python's `str.format` with named fields, `{prompt:0.200}`, `{seed:010d}`. Whatever a
 * file system does not take becomes `_`, and a name that is too long is cut. Every file is a PNG, so every name ends in `.png`.
 */
export function formatFileName(format: string, fields: NameFields): FormattedName {
  let text = "";
  for (const piece of format.matchAll(PIECE)) {
    const { name, conversion, specification = "" } = piece.groups ?? {};
    if (name === undefined) {
      if (piece[0] === "{" || piece[0] === "}") return { problem: BROKEN };
      text += piece[0] === "{{" || piece[0] === "}}" ? piece[0][0] : piece[0];
      continue;
    }
    if (name === "" || /^\d|[.[]/.test(name)) return { problem: BROKEN };
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (value === undefined) {
      // The stray quotation mark is the reference's.
      return { problem: `** The filename format contains an unknown key '${name}'. Will use {prefix}.{seed}.png' instead` };
    }
    if (conversion !== undefined && conversion !== "r" && conversion !== "s") return { problem: BROKEN };
    const converted = conversion === undefined ? value : convertPythonValue(value, conversion);
    const filled = formatPythonValue(converted, specification);
    if (filled === undefined) return { problem: BROKEN };
    text += filled;
  }
  // `cfg.9.8` is no file type: only `.png` counts as an ending.
  const stem = safeName(text.replace(/\.png$/i, ""));
  if (stem === "") return { problem: BROKEN };
  return { name: cutToBytes(stem, MAX_NAME_BYTES - ENDING.length).trimEnd() + ENDING };
}

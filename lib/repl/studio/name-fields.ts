import type { NameFields } from "../../images/names/file-name-format.js";
import type { FieldValue } from "../../images/names/python-format.js";
import type { ParsedLine } from "../../options/read.js";
import type { LineRequest } from "../../options/resolve.js";
import { type Switch, switchesAt } from "../../options/table.js";
import type { PlannedPicture } from "./plan-series.js";

/** Keys whose name in the reference is not the key in snake case. */
const OTHER_NAMES: Readonly<Record<string, string>> = { sampler: "sampler_name", facetoolStrength: "gfpgan_strength" };

/**
 * What a format of `--fnformat` may name: every option of a line by the reference's name, with the value that it has in this picture, and
 * `model_id`.
 */
export function nameFields(line: ParsedLine, request: LineRequest, { settings }: PlannedPicture, modelId: string): NameFields {
  const values: Readonly<Record<string, unknown>> = { ...line, ...request, ...settings, withVariations: line.withVariations };
  const fields: Record<string, FieldValue> = { model_id: { type: "text", value: modelId } };
  for (const row of switchesAt("line")) {
    const field = fieldOf(row, values[row.key] ?? row.fallback);
    for (const name of [snakeCase(row.key), OTHER_NAMES[row.key]]) if (name !== undefined) fields[name] = field;
  }
  return fields;
}

function fieldOf({ type }: Switch, value: unknown): FieldValue {
  if (type === "flag") return { type: "flag", value: value === true };
  if (typeof value === "number") return { type: type === "int" ? "int" : "float", value };
  if (typeof value === "string") return { type: "text", value };
  return { type: "other", text: Array.isArray(value) ? `[${value.join(", ")}]` : "None" };
}

function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

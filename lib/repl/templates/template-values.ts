import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Scalar } from "yaml";
import { formatPythonFloat } from "../../options/python-values.js";

/** Texts as Python prints the values of a template, because that is how the lines of `invokeai-dynamic-prompts` are made. */

/** What an alias stands for; the node itself when it is none. */
export function resolved(node: unknown, document: Document): unknown {
  return isAlias(node) ? node.resolve(document) : node;
}

/** A value without parts; undefined for lists, mappings and nothing at all. */
export function scalarText(node: unknown): string | undefined {
  if (!isScalar(node) || node.value === null || node.value === undefined) return undefined;
  const { value } = node;
  if (typeof value === "number") return numberText(node, value);
  if (typeof value === "boolean") return value ? "True" : "False";
  return String(value);
}

/** True of what Python takes for nothing, so that the built-in value counts: an absent, empty or zero value, an empty list. */
export function countsAsNothing(node: unknown): boolean {
  if (isSeq(node) || isMap(node)) return node.items.length === 0;
  if (!isScalar(node)) return true;
  const { value } = node as Scalar;
  return value === null || value === undefined || value === "" || value === 0 || value === false;
}

/** The values of a list, or the one value. */
export function itemsOf(node: unknown): readonly (Node | unknown)[] {
  return isSeq(node) ? node.items : [node];
}

/** `12` stays 12, `12.0` stays 12.0. */
function numberText({ source }: Scalar, value: number): string {
  const isWhole = source === undefined ? Number.isInteger(value) : /^[-+]?(?:\d+|0x[\da-f]+|0o[0-7]+)$/i.test(source);
  return isWhole ? String(value) : formatPythonFloat(value);
}

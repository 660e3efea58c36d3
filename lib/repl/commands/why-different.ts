import type { LoadedModel } from "../../engine/protocol.js";
import { parseBoundedJson } from "../../images/metadata/parse-bounded-json.js";
import type { FoundCommand } from "../../images/metadata/read-command.js";
import { imagesOf } from "../../images/metadata/read-sd-metadata.js";
import { shorten } from "../../images/metadata/recorded-command.js";
import type { PictureDifference } from "../../images/pixels/compare-pictures.js";
import { type PictureFile, textsOf } from "../../images/pixels/picture-file.js";
import { isJsonObject, type JsonObject } from "../../json-file.js";
import { RUNTIMES } from "../../version.js";

/** What is known when a picture came out differently. */
interface Evidence {
  readonly found: FoundCommand;
  readonly file: PictureFile;
  /** The model that drew it again. */
  readonly facts: LoadedModel;
  readonly difference: PictureDifference;
  /** Hex sha256 of the file of the initial picture as it is now. */
  readonly initHash?: string;
  /** This program. */
  readonly app: { readonly id: string; readonly version: string };
}

/** Of 255; more than a processor that rounds differently makes of a picture of a few steps. */
const MOST_BY_ROUNDING = 8;

/** Why a picture that was made again may differ; whole sentences without a final stop, at least one. */
export function whyDifferent(evidence: Evidence): string[] {
  const { found, facts, difference } = evidence;
  const reasons = [...otherProgram(evidence), ...otherWeights(found, facts), ...otherInit(evidence), ...found.notes];
  if (reasons.length > 0) return reasons;
  if (difference.largest <= MOST_BY_ROUNDING) {
    return [`so little is rounding: another processor or memory mode (${facts.memoryMode} here), or somebody edited the file`];
  }
  return [`nothing in the file says why: somebody edited its pixels or its text, or an NSFW checker hid it${otherFiles(found, facts)}`];
}

/** Files that have a part in the picture while no picture records what they held. */
function otherFiles({ parsed }: FoundCommand, { triggers }: LoadedModel): string {
  const { prompt, textMask, upscale, embiggen, facetoolStrength } = parsed;
  const parts: readonly (readonly [unknown, string])[] = [
    [/(?:with|use)Lora\(/.test(prompt), "a LoRA"],
    [triggers.some(({ trigger }) => prompt.includes(trigger)), "an embedding"],
    [textMask, "the network of -tm"],
    [upscale ?? embiggen, "the network that enlarges"],
    [facetoolStrength, "a network of -G"],
  ];
  const used = parts.flatMap(([isUsed, name]) => (isUsed ? [name] : []));
  return used.length === 0 ? "" : `, or ${used.join(" or ")} is another one now`;
}

function otherProgram({ found, file, app }: Evidence): string[] {
  const json = metadataOf(file);
  if (found.dialect !== "sd-metadata" || !isJsonObject(json)) return ["the text does not say which program made it"];
  const name = `${textOf(json, "app_id")} ${textOf(json, "app_version")}`;
  if (json.app_id !== app.id) return [`it was made by another program, ${shorten(name)}, whose pixels need not be ours`];
  const runtime = isJsonObject(json.versions) ? textOf(json.versions, "onnxruntime") : "an unknown version";
  if (json.app_version === app.version && runtime === RUNTIMES.onnxruntime) return [];
  return [`it was made by ${shorten(`${name} with onnxruntime ${runtime}`)}; this is ${app.version} with ${RUNTIMES.onnxruntime}`];
}

function otherInit({ found, file, initHash }: Evidence): string[] {
  const json = metadataOf(file);
  const recorded = isJsonObject(json) ? imagesOf(json)[0]?.orig_hash : undefined;
  if (initHash === undefined || typeof recorded !== "string" || recorded === initHash) return [];
  return [`${shorten(found.parsed.initImg ?? "the initial picture")} is not the file that it was begun with: its hash is another one`];
}

function metadataOf(file: PictureFile): unknown {
  const text = textsOf(file).find(({ keyword }) => keyword === "sd-metadata")?.text;
  return text === undefined ? undefined : parseBoundedJson(text);
}

function textOf(json: JsonObject, key: string): string {
  const value = json[key];
  return typeof value === "string" ? value : "unknown";
}

function otherWeights({ modelId, modelHash }: FoundCommand, facts: LoadedModel): string[] {
  if (modelId === undefined) return ["it does not say which model made it"];
  if (modelHash === undefined || facts.hash === "NOHASH" || modelHash === facts.hash) return [];
  return [`the weights of ${modelId} are not those that made it: their hash is another one`];
}

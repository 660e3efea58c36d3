import { isJsonObject, type JsonObject } from "../../json-file.js";
import { imageEntry, type Maker } from "./metadata.js";
import { parseBoundedJson } from "./parse-bounded-json.js";
import type { PngText } from "./png-text.js";
import { recordedSettings } from "./print-recorded.js";
import { readRecorded } from "./read-command.js";
import { imagesOf } from "./read-sd-metadata.js";
import type { PostprocessingStep } from "./recorded-command.js";

/** The file that was changed. */
export interface PostprocessingSource {
  readonly path: string;
  /** Hex sha256 of its bytes. */
  readonly hash: string;
  readonly texts: readonly PngText[];
}

type Program = Pick<Maker, "appId" | "appVersion">;

/** More steps than these are not carried along. */
const MAX_STEPS = 1000;

/**
 * The texts of a picture that was made from another: the source's own with one step more, so that nothing it knew is lost. `Dream` holds
 * the `!fix` command, `sd-metadata` the source's JSON (unknown fields included) with the step at the end of `postprocessing`; where
 * the source had only another notation, its JSON is made from that; where it had nothing, path and hash of the source stand there.
 *
 * @param maker the program that changed the picture; it counts only for pictures that say nothing
 */
export function postprocessedTexts(source: PostprocessingSource, step: PostprocessingStep, maker: Program): PngText[] {
  const others = source.texts.filter(({ keyword }) => keyword !== "Dream" && keyword !== "sd-metadata");
  return [
    { keyword: "Dream", text: step.dreamCommand },
    { keyword: "sd-metadata", text: JSON.stringify(withStep(sourceJson(source, maker), step)) },
    ...others,
  ];
}

function sourceJson(source: PostprocessingSource, maker: Program): JsonObject {
  for (const { keyword, text } of source.texts) {
    const json = keyword === "sd-metadata" ? parseBoundedJson(text) : undefined;
    if (isJsonObject(json) && imagesOf(json).length > 0) return json;
  }
  const app = { model: "stable diffusion", app_id: maker.appId, app_version: maker.appVersion };
  const recorded = readRecorded(source.texts);
  if (recorded === undefined || recorded.verb !== undefined) return { ...app, image: { orig_path: source.path, orig_hash: source.hash } };
  const { rng } = recorded.values;
  // Another program drew it: its name is unknown, and so is its noise unless it said so.
  return {
    model: app.model,
    model_id: recorded.modelId ?? null,
    model_hash: recorded.modelHash ?? null,
    image: {
      ...imageEntry(recordedSettings(recorded)),
      rng,
    },
  };
}

function withStep(json: JsonObject, step: PostprocessingStep): JsonObject {
  const { tool, dreamCommand, method } = step;
  const entry = { tool, dream_command: dreamCommand, ...(method === undefined ? {} : { method }) };
  const extend = (image: JsonObject): JsonObject => {
    const before: readonly unknown[] = Array.isArray(image.postprocessing) ? image.postprocessing.slice(-MAX_STEPS) : [];
    return { ...image, postprocessing: [...before, entry] };
  };
  return Array.isArray(json.images)
    ? { ...json, images: imagesOf(json).map(extend) }
    : { ...json, image: extend(json.image as JsonObject) };
}

import { checkAvailable } from "../../options/available.js";
import { checkValues } from "../../options/check-values.js";
import { sharpens, USUAL_TILE_STRENGTH } from "../../options/embiggen.js";
import type { ParsedLine } from "../../options/read.js";
import { withoutDrawing } from "../../options/recorded-line.js";
import { resolveLine } from "../../options/resolve.js";
import type { LineValues } from "../../options/table.js";
import { freshSeed } from "../../random/seeds.js";
import { unlessCancelled } from "../interrupted.js";
import type { TiledSettings } from "../studio/draw-tiles.js";
import { enlargeForTiles } from "../studio/enlarge-for-tiles.js";
import { Enlarger, RESAMPLER } from "../studio/enlarger.js";
import type { Desk, LineResult } from "./command.js";
import { fixCommand, openSource, type Source } from "./fix-source.js";
import { keepFixed } from "./keep-fixed.js";
import { withoutEffect } from "./plan-fix.js";

const READ = ["embiggen", "embiggenTiles", "embiggenStrength", "newPrompt", "rng", "karrasMax"] as const;

/** Whether a `!fix` line draws a picture again in tiles; mending faces goes first, as in the reference. */
export function embiggens({ embiggen, embiggenTiles, facetoolStrength = 0 }: ParsedLine): boolean {
  return (embiggen !== undefined || embiggenTiles !== undefined) && facetoolStrength === 0;
}

/**
 * Enlarges a picture and draws it again in tiles (`!fix FILE --embiggen 3`), with the model in use and a seed of its own, as documented.
 *
 * @throws DreamError usage/*, image/*, output/unwritable, engine/*
 */
export async function embiggenPicture(source: Source, line: ParsedLine, desk: Desk): Promise<LineResult> {
  const started = performance.now();
  checkAvailable(line, "fix");
  checkValues(line);
  const beside = [...(line.upscale ? ["-U"] : []), ...(line.outcrop ? ["-c"] : []), ...(line.outDirection ? ["-D"] : [])];
  if (beside.length > 0) desk.say(`>> !fix does one thing at a time, here --embiggen: give it the result for ${beside.join(", ")}`);
  for (const notice of withoutEffect(line, [...READ, "outcrop", "outDirection"])) desk.say(`>> ${notice}`);
  const { path } = source.file;
  const picture = await openSource(source, line, desk);
  const { model, facts, defaults } = await desk.shelf.active();
  const { embiggen, embiggenTiles, embiggenStrength, newPrompt, rng, karrasMax } = line;
  const wanted = {
    steps: line.steps ?? source.values.steps,
    cfgScale: line.cfgScale ?? source.values.cfgScale,
    sampler: line.sampler ?? source.values.sampler,
    width: line.width ?? source.values.width,
    height: line.height ?? source.values.height,
    ...{ embiggen, embiggenTiles, embiggenStrength, rng, karrasMax },
  };
  const seed = line.seed === undefined ? freshSeed() : source.seed;
  const prompt = newPrompt ?? source.prompt;
  // Today's launch switches do not count, so that the recorded line does the same tomorrow.
  const launch = withoutDrawing(desk.launch);
  const { settings, notices } = resolveLine({ ...wanted, prompt, seed, initImg: path, strength: line.strength }, launch, defaults);
  for (const notice of notices) desk.say(notice);
  const tiled = { ...settings, seed } as TiledSettings;
  const enlarged = await enlargeForTiles(picture, tiled, facts, desk);
  const drawn = unlessCancelled(await desk.studio.draw(tiled, enlarged));
  const method = sharpens(tiled.embiggen) ? ((await Enlarger.choose(desk))?.method ?? RESAMPLER) : undefined;
  const drawnAnew = { ...source, seed, modelId: model.id };
  const dreamCommand = fixCommand(drawnAnew, { ...recordedValues(tiled), rng, karrasMax, newPrompt });
  await keepFixed({ picture: drawn.image, source: drawnAnew, step: { tool: "embiggen", dreamCommand, method }, started }, line, desk);
  return "done";
}

/** What the line must say to draw the same tiles again. */
function recordedValues({ width, height, steps, cfgScale, sampler, strength, embiggen, embiggenTiles }: TiledSettings): LineValues {
  const embiggenStrength = strength === USUAL_TILE_STRENGTH ? undefined : strength;
  return { width, height, steps, cfgScale, sampler: sampler as LineValues["sampler"], embiggen, embiggenTiles, embiggenStrength };
}

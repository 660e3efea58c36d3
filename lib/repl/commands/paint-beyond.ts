import type { PaintedRegion } from "../../engine/protocol.js";
import { checkAvailable } from "../../options/available.js";
import { checkValues } from "../../options/check-values.js";
import { USUAL_INFILL } from "../../options/painted-region.js";
import type { ParsedLine } from "../../options/read.js";
import { withoutDrawing } from "../../options/recorded-line.js";
import { resolveLine } from "../../options/resolve.js";
import { unlessCancelled } from "../interrupted.js";
import { SOFT_EDGE, TILE_SIZE } from "../studio/painted-region.js";
import type { Desk, LineResult } from "./command.js";
import { fixCommand, openSource, type Source } from "./fix-source.js";
import { keepFixed } from "./keep-fixed.js";
import { type ExtensionPlan, planExtension } from "./plan-extension.js";
import { withoutEffect } from "./plan-fix.js";

/** InvokeAI 2.3's seam of an outcrop, for pictures of 512 pixels; it never takes more than a quarter of a smaller side. */
const SEAM = { size: 96, blur: 16, strength: 0.7, steps: 20 } as const;

/** Whether a `!fix` line paints beyond the border; what mends or enlarges goes first, as in the reference. */
export function paintsBeyond({ outDirection, outcrop, upscale, facetoolStrength = 0 }: ParsedLine): boolean {
  return (outDirection !== undefined || outcrop !== undefined) && upscale === undefined && facetoolStrength === 0;
}

/**
 * Extends a picture (`-c`), or moves it and paints what gets free (`-D`), with the model in use.
 *
 * @throws DreamError usage/*, image/*, output/unwritable, engine/*
 */
export async function paintBeyond(source: Source, line: ParsedLine, desk: Desk): Promise<LineResult> {
  const started = performance.now();
  checkAvailable(line, "fix");
  checkValues(line);
  for (const notice of withoutEffect(line, ["outcrop", "outDirection", "newPrompt", "rng", "karrasMax"])) desk.say(`>> ${notice}`);
  const { path } = source.file;
  const picture = await openSource(source, line, desk);
  const plan = planExtension(line, picture, path);
  for (const notice of plan.notices) desk.say(notice);
  const { model, defaults } = await desk.shelf.active();
  const values = {
    steps: line.steps ?? source.values.steps,
    cfgScale: line.cfgScale ?? source.values.cfgScale,
    sampler: line.sampler ?? source.values.sampler,
  };
  const wanted = { ...values, prompt: line.newPrompt ?? source.prompt, seed: source.seed, initImg: path, strength: plan.strength };
  const { rng, karrasMax } = line;
  // Today's launch switches do not count, so that the recorded line does the same tomorrow.
  const { settings } = resolveLine({ ...wanted, rng, karrasMax }, withoutDrawing(desk.launch), defaults);
  const region = regionOfPlan(plan, Math.min(picture.width, picture.height));
  const drawn = unlessCancelled(await desk.studio.draw({ ...settings, seed: source.seed }, { ...plan.canvas, region }));
  const { outcrop, outDirection, newPrompt } = line;
  const done = plan.tool === "outcrop" ? { outcrop } : { outDirection };
  const dreamCommand = fixCommand({ ...source, modelId: model.id }, { ...settingsOf({ ...values, rng, karrasMax }), ...done, newPrompt });
  await keepFixed({ picture: drawn.image, source, step: { tool: plan.tool, dreamCommand }, started }, line, desk);
  return "done";
}

/** What an extension leaves transparent holds nothing; what a move leaves holds its mirror image. */
function regionOfPlan({ tool, canvas }: ExtensionPlan, shorter: number): PaintedRegion {
  const { alpha } = canvas;
  const base = { keep: alpha, alpha, replace: 0, softEdge: SOFT_EDGE };
  if (tool === "outpaint") return base;
  const size = Math.min(SEAM.size, Math.floor(shorter / 4));
  const seam = { ...SEAM, size, blur: Math.round((SEAM.blur * size) / SEAM.size) };
  return { ...base, infill: { method: USUAL_INFILL, tileSize: TILE_SIZE }, seam };
}

/** Without the values that neither line nor picture gave. */
function settingsOf(values: Pick<ParsedLine, "steps" | "cfgScale" | "sampler" | "rng" | "karrasMax">): Partial<ParsedLine> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

import { DreamError } from "../../errors.js";
import type { TransparentPicture } from "../../images/pixels/encode-png.js";
import type { ParsedLine } from "../../options/read.js";
import { Enlarger } from "../studio/enlarger.js";
import { FaceMender } from "../studio/face-mender.js";
import type { Desk, LineResult } from "./command.js";
import { fixCommand, openSource, type Source } from "./fix-source.js";
import { type Fixed, keepFixed } from "./keep-fixed.js";
import type { FixPlan } from "./plan-fix.js";

/**
 * Enlarges a finished picture and restores its faces, in this order, as far as the line asks for it. What cannot be done is told, the rest is
 * done, and the line fails.
 *
 * @throws DreamError usage/*, tool/missing when nothing can be done; image/*, output/unwritable, face/none-found, and as the engine does
 */
export async function mendPicture(source: Source, plan: FixPlan, line: ParsedLine, desk: Desk): Promise<LineResult> {
  const started = performance.now();
  const missing: DreamError[] = [];
  const enlarger = plan.upscale && (await orMissing(() => chooseEnlarger(desk), missing));
  const { faces } = plan;
  const faceMender = faces && (await orMissing(() => chooseFaceMender(faces, desk), missing));
  const [first] = missing;
  if (first !== undefined && enlarger === undefined && faceMender === undefined) throw first;
  const picture = await openSource(source, line, desk);
  for (const problem of missing) desk.emit({ type: "problem", text: `** ${problem.sentence}` });
  await desk.shelf.settled();
  const fixed = await mend(picture, source, { ...plan, enlarger, faceMender });
  await keepFixed({ ...fixed, source, started }, line, desk);
  return missing.length === 0 ? "done" : "failed";
}

interface Means extends FixPlan {
  readonly enlarger?: Enlarger;
  readonly faceMender?: FaceMender;
}

async function mend(
  picture: TransparentPicture,
  source: Source,
  { upscale, faces, enlarger, faceMender }: Means,
): Promise<Pick<Fixed, "picture" | "step">> {
  const enlarged = upscale && enlarger ? await enlarger.enlarge(picture, upscale, source.seed) : undefined;
  const mended = faces && faceMender ? await faceMender.restore(enlarged ?? picture, faces, source.seed) : undefined;
  if (mended === undefined || mended.restored === 0) {
    // Nobody wants a copy.
    if (enlarged === undefined) throw new DreamError("face/none-found", `no face was found in ${source.file.path}: nothing was written`);
    const dreamCommand = fixCommand(source, { upscale });
    return { picture: enlarged, step: { tool: "upscale", dreamCommand, method: enlarger?.method } };
  }
  const tool = faces?.facetool ?? "gfpgan";
  const methods = [...(enlarged === undefined ? [] : [enlarger?.method]), faceMender?.method];
  const dreamCommand = fixCommand(source, { ...faces, upscale: enlarged && upscale });
  return { picture: mended.picture, step: { tool, dreamCommand, method: methods.join("; ") } };
}

/** What a choice gives; where that is not there, its reason is noted. */
async function orMissing<Choice>(choose: () => Promise<Choice>, missing: DreamError[]): Promise<Choice | undefined> {
  try {
    return await choose();
  } catch (error) {
    if (!(error instanceof DreamError)) throw error;
    missing.push(error);
    return undefined;
  }
}

async function chooseEnlarger(desk: Desk): Promise<Enlarger> {
  const enlarger = await Enlarger.choose(desk);
  if (enlarger !== undefined) return enlarger;
  throw new DreamError("usage/line", "ESRGAN is disabled. Image not upscaled: the program was started with --no_upscale");
}

async function chooseFaceMender({ facetool }: NonNullable<FixPlan["faces"]>, desk: Desk): Promise<FaceMender> {
  const faceMender = await FaceMender.choose(facetool, desk);
  if (faceMender !== undefined) return faceMender;
  throw new DreamError("usage/line", "Face restoration is disabled: the program was started with --no_restore");
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { LatentPreview } from "../../engine/protocol.js";
import { DreamError } from "../../errors.js";
import { hidePicture, hidePreview } from "../../images/painting/hide-picture.js";
import type { RgbPicture } from "../../images/pixels/encode-png.js";
import type { ModelCatalogue } from "../model-catalogue.js";
import type { SessionModel } from "../model-shelf.js";
import type { ToolSurroundings } from "./tool-surroundings.js";

type GuardSurroundings = Pick<ToolSurroundings, "engine" | "catalogue" | "launch" | "emit">;

const FOUND = "** An image with potential non-safe content has been detected. A blurred image will be returned. **";

/**
 * Where the NSFW checker lies that judges a model's pictures: the registered one, else the model's own.
 *
 * @returns an absolute path, undefined when there is none
 * @throws DreamError registry/unreadable
 */
async function findSafetyChecker(catalogue: ModelCatalogue, { request }: SessionModel): Promise<string | undefined> {
  const own = join(request.path, "safety_checker");
  return (await catalogue.tool("safety_checker"))?.path ?? (existsSync(own) ? own : undefined);
}

/** What is said at the start where a checker is asked for. @throws DreamError registry/unreadable */
export async function checkerNotice(catalogue: ModelCatalogue, model: SessionModel): Promise<string> {
  const checker = await findSafetyChecker(catalogue, model);
  return checker === undefined ? missingChecker(model) : `NSFW checker: ${checker}`;
}

function missingChecker({ id }: SessionModel): string {
  return (
    `there is no NSFW checker, and no picture is made unchecked: ${id} brings none; !import_model FOLDER registers one ` +
    "(safety_checker of a diffusers model), --no-nsfw_checker at launch does without"
  );
}

/** Looks at every picture as soon as it is drawn, and hides what the NSFW checker finds unsafe. */
export class Guard {
  private constructor(
    private readonly checker: string,
    private readonly surroundings: GuardSurroundings,
  ) {}

  /**
   * @returns undefined when nobody asked for it
   * @throws DreamError tool/missing, registry/unreadable
   */
  static async choose(surroundings: GuardSurroundings, model: SessionModel): Promise<Guard | undefined> {
    if (!surroundings.launch.nsfwChecker) return undefined;
    const checker = await findSafetyChecker(surroundings.catalogue, model);
    if (checker === undefined) throw new DreamError("tool/missing", missingChecker(model));
    return new Guard(checker, surroundings);
  }

  /**
   * @returns the picture itself or, where it is unsafe, what may be shown of it
   * @throws DreamError as the engine does: what could not be checked is not shown
   */
  async pass(picture: RgbPicture): Promise<{ readonly picture: RgbPicture; readonly isHidden: boolean } | "cancelled"> {
    const { engine, catalogue, emit } = this.surroundings;
    const { width, height, rgb } = picture;
    const isUnsafe = await engine.check({ checker: this.checker, picture: { width, height, rgb }, threads: catalogue.threads });
    if (isUnsafe === "cancelled") return "cancelled";
    if (!isUnsafe) return { picture, isHidden: false };
    emit({ type: "text", text: FOUND });
    return { picture: await hidePicture(picture), isHidden: true };
  }

  /** Nobody knows yet what an unfinished picture will show: all are blurred. */
  async preview(preview: LatentPreview): Promise<LatentPreview> {
    return { ...preview, ...(await hidePreview(preview, preview.span)) };
  }
}

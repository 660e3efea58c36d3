import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import type { RestoredFaces } from "../../engine/protocol.js";
import { DreamError } from "../../errors.js";
import type { TransparentPicture } from "../../images/pixels/encode-png.js";
import { FACE_TOOL_NAMES, type FaceTool } from "../../models/face-tools.js";
import type { ToolEntry } from "../../models/registry/registry.js";
import type { FaceSettings } from "../../options/faces.js";
import type { LaunchValues } from "../../options/table.js";
import { interrupted, unlessCancelled } from "../interrupted.js";
import { stepTeller, type ToolSurroundings } from "./tool-surroundings.js";

/** What -G restores faces with: the registered detector and restorer. */
export class FaceMender {
  private constructor(
    private readonly detector: Network,
    private readonly restorer: Network,
    private readonly surroundings: ToolSurroundings,
  ) {}

  /**
   * @param tool what -ft says
   * @returns undefined when restoring was switched off at launch
   * @throws DreamError tool/missing, registry/unreadable
   */
  static async choose(tool: FaceTool, surroundings: ToolSurroundings): Promise<FaceMender | undefined> {
    const { catalogue, launch } = surroundings;
    if (launch.noRestore) return undefined;
    const own = tool === "gfpgan" ? launchedRestorer(launch) : undefined;
    const restorer = own ?? (await catalogue.tool("face_restorer", tool));
    if (restorer === undefined) throw missingRestorer(tool, await catalogue.tool("face_restorer"));
    const detector = await catalogue.tool("face_detector");
    if (detector === undefined) throw missingDetector();
    return new FaceMender(detector, restorer, surroundings);
  }

  /** How the metadata name what restores faces: the restorer and the detector, as the registry calls them. */
  get method(): string {
    return `${this.restorer.name}, ${this.detector.name}`;
  }

  /**
   * Says what it does, does it, and says what came of it. Transparency stays.
   *
   * @param seed for the message
   * @returns the picture and how many faces were restored in it
   * @throws DreamError engine/cancelled, and as the engine does
   */
  async restore(
    picture: TransparentPicture,
    settings: FaceSettings,
    seed: number,
  ): Promise<{ picture: TransparentPicture; restored: number }> {
    const { facetool, facetoolStrength, codeformerFidelity } = settings;
    const { engine, catalogue, emit, stopped } = this.surroundings;
    const say = (text: string) => emit({ type: "text", text: `>> ${text}` });
    say(`${FACE_TOOL_NAMES[facetool]} - Restoring Faces for image seed:${seed}`);
    const { width, height, rgb, alpha } = picture;
    try {
      const job = {
        detector: this.detector.path,
        restorer: this.restorer.path,
        picture: { width, height, rgb },
        strength: facetoolStrength,
        fidelity: codeformerFidelity,
        threads: catalogue.threads,
      };
      const made = unlessCancelled(await engine.restoreFaces(job, stepTeller(emit)));
      if (stopped()) throw interrupted();
      for (const sentence of outcome(made)) say(sentence);
      return { picture: made.restored === 0 ? picture : { ...made.image, alpha }, restored: made.restored };
    } finally {
      emit({ type: "rest" });
    }
  }
}

type Network = Pick<ToolEntry, "name" | "path">;

/** Where `--gfpgan_model_path` leads; undefined where it was not given. */
function gfpganPath({ gfpganModelPath, gfpganDir, rootDir = "." }: LaunchValues): string | undefined {
  return gfpganModelPath ? resolve(gfpganDir ?? rootDir, gfpganModelPath) : undefined;
}

/** What is said at the start where the file of `--gfpgan_model_path` is not there. */
export function gfpganNotices(launch: LaunchValues): string[] {
  const path = launch.noRestore ? undefined : gfpganPath(launch);
  return path === undefined || existsSync(path) ? [] : [`NOT FOUND: GFPGAN model not found at ${path}`];
}

/** @throws DreamError tool/missing */
function launchedRestorer(launch: LaunchValues): Network | undefined {
  const path = gfpganPath(launch);
  if (path === undefined) return undefined;
  if (!existsSync(path)) throw new DreamError("tool/missing", `GFPGAN not found. Face restoration is disabled: there is no ${path}`);
  return { name: basename(path), path };
}

const REGISTER = "register an exported one with !import_model FILE.onnx";

/** @param other a restorer of another type, where there is one */
function missingRestorer(tool: FaceTool, other: ToolEntry | undefined): DreamError {
  const name = FACE_TOOL_NAMES[tool];
  const [what, instead] = other?.type === undefined ? ["face model", ""] : [name, ` take -ft ${other.type},`];
  const sentence = `${name} not found. Face restoration is disabled: no ${what} is installed`;
  return new DreamError("tool/missing", `${sentence}; ${REGISTER},${instead} or leave out -G`);
}

function missingDetector(): DreamError {
  return new DreamError("tool/missing", `Face restoration is disabled: no face detector is installed; ${REGISTER}, or leave out -G`);
}

/** What is worth telling, one sentence each. */
function outcome({ restored, tooSmall, tooMany }: RestoredFaces): string[] {
  const faces = (count: number) => (count === 1 ? "1 face" : `${count} faces`);
  const asBefore = (count: number) => (count === 1 ? "is left as it is" : "are left as they are");
  const sentences = [restored === 0 ? "No face to restore, the picture stays as it is" : `${faces(restored)} restored`];
  if (tooSmall > 0) sentences.push(`${faces(tooSmall)} with less than 5 pixels between the eyes ${asBefore(tooSmall)}`);
  if (tooMany > 0) sentences.push(`${faces(tooMany)} more ${asBefore(tooMany)}: ${restored} are the most that are restored in one picture`);
  return sentences;
}

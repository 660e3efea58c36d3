import { createHash } from "node:crypto";
import { logPicture } from "../../images/metadata/log.js";
import { postprocessedTexts } from "../../images/metadata/postprocessed-texts.js";
import type { PostprocessingStep } from "../../images/metadata/recorded-command.js";
import { type FixTool, PictureNames } from "../../images/names/file-names.js";
import { encodePng, type TransparentPicture } from "../../images/pixels/encode-png.js";
import type { ParsedLine } from "../../options/read.js";
import type { Desk } from "./command.js";
import type { Source } from "./fix-source.js";

/** A picture that `!fix` made. */
export interface Fixed {
  readonly picture: TransparentPicture;
  readonly source: Source;
  readonly step: PostprocessingStep & { readonly tool: FixTool };
  /** `performance.now()` when it began. */
  readonly started: number;
}

/**
 * Writes what `!fix` made, with the texts of its source and the step that made it, lists and logs it.
 *
 * @throws DreamError output/unwritable
 */
export async function keepFixed({ picture, source, step, started }: Fixed, line: ParsedLine, desk: Desk): Promise<void> {
  const { file, texts, seed } = source;
  const outdir = line.outdir || desk.outdir;
  const origin = { path: file.path, hash: createHash("sha256").update(file.bytes).digest("hex"), texts };
  const written = postprocessedTexts(origin, step, { appId: desk.app.id, appVersion: desk.app.version });
  const png = await encodePng(picture, written, line.pngCompression ?? desk.launch.pngCompression);
  const path = await write(outdir, seed, step.tool, png);
  desk.emit({ type: "picture", picture: { path, png } });
  desk.studio.list([{ path, dream: step.dreamCommand }], [{ seed, path }], (performance.now() - started) / 1000);
  await logPicture(outdir, path, step.dreamCommand);
}

async function write(outdir: string, seed: number, tool: FixTool, png: Uint8Array): Promise<string> {
  const names = new PictureNames(outdir);
  try {
    return await names.writeFixed(seed, tool, png);
  } finally {
    await names.close();
  }
}

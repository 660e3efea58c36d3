import { DreamError } from "../../errors.js";
import { type PictureFile, readPictureFile, textsOf } from "../../images/picture-file.js";
import { type FoundCommand, findCommand } from "../../images/read-command.js";

/** A picture and the command that made it. */
export interface CommandInside {
  readonly file: PictureFile;
  readonly found: FoundCommand;
}

/**
 * Reads the command inside a picture.
 *
 * @param name as it was typed, for the sentence
 * @throws DreamError file/*, image/*, with the sentences of the reference and the reason
 */
export async function readCommandInside(path: string, name: string): Promise<CommandInside> {
  const file = await readPictureFile(path).catch((error: unknown) => {
    throw withReason(error, `${name}: file could not be read`);
  });
  let found: FoundCommand | undefined;
  try {
    found = findCommand(textsOf(file), path);
  } catch (error) {
    throw withReason(error, `${name}: file could not be processed`);
  }
  if (found === undefined) throw new DreamError("image/metadata", `${name}: file has no metadata`);
  return { file, found };
}

function withReason(error: unknown, sentence: string): unknown {
  if (!(error instanceof DreamError)) return error;
  return new DreamError(error.code, `${sentence}: ${error.message}`, { cause: error });
}

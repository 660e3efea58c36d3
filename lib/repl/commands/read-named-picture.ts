import { DreamError } from "../../errors.js";
import { type FoundCommand, findCommand } from "../../images/metadata/read-command.js";
import { type PictureFile, readPictureFile, textsOf } from "../../images/pixels/picture-file.js";

/**
 * Reads a picture that a command names; nothing is decoded.
 *
 * @param name as it was typed: the reference's sentence begins with it, the reason follows
 * @throws DreamError file/*, image/*
 */
export async function readNamedPicture(path: string, name: string): Promise<PictureFile> {
  return readPictureFile(path).catch((error: unknown) => {
    throw withReason(error, `${name}: file could not be read`);
  });
}

/** The command inside a picture. @throws DreamError image/*, as above */
export function commandInside(file: PictureFile, name: string): FoundCommand {
  let found: FoundCommand | undefined;
  try {
    found = findCommand(textsOf(file), file.path);
  } catch (error) {
    throw withReason(error, `${name}: file could not be processed`);
  }
  if (found === undefined) throw new DreamError("image/metadata", `${name}: file has no metadata`);
  return found;
}

function withReason(error: unknown, sentence: string): unknown {
  if (!(error instanceof DreamError)) return error;
  return new DreamError(error.code, `${sentence}: ${error.message}`, { cause: error });
}

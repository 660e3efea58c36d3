import { DreamError } from "../errors.js";

/** What ends a line that the user stopped. */
export function interrupted(): DreamError {
  return new DreamError("engine/cancelled", "Interrupted, nothing was written");
}

/** What the engine made, unless the user stopped it. @throws DreamError engine/cancelled */
export function unlessCancelled<Made>(made: Made): Exclude<Made, "cancelled"> {
  if (made === "cancelled") throw interrupted();
  return made as Exclude<Made, "cancelled">;
}

import { DreamError } from "../../lib/errors.js";

/** The DreamError that a call throws; anything else that is thrown, or nothing, fails the test. */
export function thrown(action: () => unknown): DreamError {
  try {
    action();
  } catch (error) {
    if (error instanceof DreamError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

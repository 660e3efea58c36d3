import type { PictureSettings } from "./picture-settings.js";
import type { LineValues } from "./table.js";

/** How a line's prompt is to be read; what says "as usual" is absent. */
export function resolvePromptReading({
  skipNormalize,
  longPrompts,
  clipSkip = 0,
}: LineValues): Pick<PictureSettings, "skipNormalize" | "longPrompts" | "clipSkip"> {
  return {
    ...(skipNormalize ? { skipNormalize } : {}),
    ...(longPrompts ? { longPrompts } : {}),
    ...(clipSkip > 1 ? { clipSkip } : {}),
  };
}

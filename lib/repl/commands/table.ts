import type { Command } from "./command.js";
import { convertModel, optimizeModel } from "./convert-model.js";
import { deleteModel } from "./delete-model.js";
import { dream } from "./dream.js";
import { dynamic } from "./dynamic.js";
import { editModel } from "./edit-model.js";
import { fetch } from "./fetch.js";
import { fix } from "./fix.js";
import { help } from "./help.js";
import { clear, history, recall, search } from "./history.js";
import { importModel } from "./import-model.js";
import { mask } from "./mask.js";
import { models } from "./models.js";
import { replay } from "./replay.js";
import { show } from "./show.js";
import { stats } from "./stats.js";
import { switchModel } from "./switch.js";
import { triggers } from "./triggers.js";
import { verify } from "./verify.js";

/** Every `!` command in the order of the overview. A new one is a file beside this one and a line here. */
export const COMMANDS: readonly Command[] = [
  dream,
  fetch,
  replay,
  dynamic,
  fix,
  mask,
  show,
  verify,
  stats,
  history,
  search,
  clear,
  recall,
  help,
  models,
  switchModel,
  importModel,
  editModel,
  deleteModel,
  convertModel,
  optimizeModel,
  triggers,
];

/** The command that a line beginning with `!` means: `!14`, or the longest prefix that fits. */
export function findCommand(line: string): Command | undefined {
  if (/^!\d/.test(line)) return numbered(line);
  const [word = ""] = line.split(/\s/);
  const fitting = COMMANDS.filter(({ prefix }) => word.startsWith(prefix) && prefix !== recall.prefix);
  return fitting.sort((one, other) => other.prefix.length - one.prefix.length)[0];
}

/** Text after the number is ignored, as in the reference. */
function numbered(line: string): Command {
  const number = /^!(\d+)/.exec(line)?.[1] as string;
  return { ...recall, run: (_argument, desk) => recall.run(number, desk) };
}

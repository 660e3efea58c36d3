import { DreamError } from "../errors.js";
import { checkAvailable, switchNotices } from "./available.js";
import { checkValues } from "./check-values.js";
import { usageError } from "./read-arguments.js";
import { resolveLine } from "./resolve.js";
import { type LaunchValues, SWITCHES, type Switch } from "./table.js";

/** The command line, ready to use. */
export interface SettledLaunch {
  /** Old names moved to those that count. */
  readonly launch: LaunchValues;
  /** Sentences to show at the start. */
  readonly notices: readonly string[];
}

/**
 * Checks the launch values, also those that every line would inherit, so that a mistake shows at launch and not at the first line.
 *
 * @param before values of an initialization file: those that are given again are replaced
 * @throws DreamError usage/launch, usage/not-available
 */
export function settleLaunch(given: LaunchValues, before: LaunchValues = {}): SettledLaunch {
  const replaced = Object.keys(given).map((key) => [key, undefined]);
  const notices = [...switchNotices({ ...before, ...Object.fromEntries(replaced) }, "launch"), ...switchNotices(given, "launch")];
  const launch = { ...moveOldNames(before), ...moveOldNames(given) };
  if (launch.maxLoadedModels !== undefined && launch.maxLoadedModels < 1) {
    notices.push("--max_loaded_models must be >= 1; using 1");
    launch.maxLoadedModels = 1;
  }
  if (launch.fullPrecision && launch.precision !== undefined && !["auto", "float32"].includes(launch.precision)) {
    throw usageError("launch", `--full_precision and --precision ${launch.precision} contradict each other; leave one out`);
  }
  if (launch.device !== undefined && !/^(?:cpu|mps|cuda(?::\d{1,3})?)$/.test(launch.device)) {
    throw usageError("launch", `--device must be cpu, cuda, cuda:NUMBER or mps, not "${launch.device.slice(0, 100)}"`);
  }
  try {
    checkValues(launch);
    resolveLine({ prompt: "x" }, launch, { width: 512, height: 512 });
  } catch (error) {
    throw error instanceof DreamError ? usageError("launch", error.message) : error;
  }
  checkAvailable(launch, "launch");
  return { launch, notices };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function moveOldNames(given: LaunchValues): Writable<LaunchValues> {
  const values: Record<string, unknown> = { ...given };
  if (values.laion400m !== undefined) values.laion400m = "laion400m";
  for (const { key, names, standsFor } of SWITCHES as readonly Switch[]) {
    if (standsFor === undefined || values[key] === undefined) continue;
    if (values[standsFor] !== undefined) throw usageError("launch", `${names[0]} and --${standsFor} say the same; leave one out`);
    values[standsFor] = values[key];
    delete values[key];
  }
  return values as Writable<LaunchValues>;
}

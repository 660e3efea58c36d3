import { DreamError } from "../errors.js";
import { negations, type Switch } from "./switch.js";
import { type LaunchValues, type LineValues, switchesAt } from "./table.js";

/** Where switches are used: `!fix` takes some that a prompt line does not. */
export type Use = "launch" | "line" | "fix";

/**
 * Refuses switches whose feature is not there yet, and on a prompt line those of `!fix`. One that is given the value "off" or 0 asks for nothing.
 *
 * @throws DreamError usage/line for a switch of `!fix`; usage/not-available, naming the features and the switches to leave out
 */
export function checkAvailable(values: LineValues | LaunchValues, use: Use): void {
  const [misplaced] = use === "line" ? given(values, use).filter(({ row }) => row.fixOnly !== undefined) : [];
  if (misplaced !== undefined) {
    const { fixOnly, names, metavar } = misplaced.row;
    throw new DreamError("usage/line", `${names[0]} ${fixOnly}: use it in !fix, as in !fix FILE ${names[0]} ${metavar}`);
  }
  const asked = unavailable(values, use);
  if (asked.length === 0) return;
  const features = new Set(asked.map(({ feature }) => feature));
  const switches = asked.map(({ names }) => names[0]);
  throw new DreamError("usage/not-available", `not available yet: ${[...features].join(", ")}; leave out ${switches.join(", ")}`);
}

/** The switches among these whose feature is not there yet. */
export function unavailable(values: LineValues | LaunchValues, use: Use): Switch[] {
  const asked = given(values, use).filter(({ row, value }) => row.feature !== undefined && value !== false && value !== 0);
  return asked.map(({ row }) => row);
}

/** One sentence for every switch that was given and changes nothing here, or that has a better successor. */
export function switchNotices(values: LineValues | LaunchValues, use: Use): string[] {
  return given(values, use).flatMap(({ row, value }) => {
    const name = value === false ? negations(row)[0] : row.names[0];
    if (row.noEffect !== undefined) return [`${name} has no effect here: ${row.noEffect}`];
    return row.deprecated === undefined ? [] : [row.deprecated];
  });
}

function given(values: LineValues | LaunchValues, use: Use): { row: Switch; value: unknown }[] {
  const entries = new Map<string, unknown>(Object.entries(values));
  return switchesAt(use === "launch" ? "launch" : "line").flatMap((row) =>
    entries.get(row.key) === undefined ? [] : [{ row, value: entries.get(row.key) }],
  );
}

import type { Progress } from "../events.js";

/** Characters of the bar; the second set is for terminals that do not speak UTF-8. */
export interface BarStyle {
  readonly full: string;
  readonly empty: string;
}
export const UNICODE_BAR: BarStyle = { full: "█", empty: "░" };
export const ASCII_BAR: BarStyle = { full: "#", empty: "." };

const BAR_CELLS = 24;
const MIN_BAR_CELLS = 4;

/**
 * One line: `2/3 ██████░░░░░░ 12/30  1.85 s/it  0:33 left`. The bar shrinks, and the tail is cut, to fit.
 *
 * @param columns longest allowed line
 * @param waiting lines that were typed meanwhile
 */
export function progressBar(progress: Progress, waiting: number, columns: number, style: BarStyle): string {
  const { picture, pictures, step, steps, seconds } = progress;
  const which = pictures > 1 ? `${picture}/${pictures} ` : "";
  const queue = waiting > 0 ? `  +${waiting} waiting` : "";
  const tail = ` ${step}/${steps}${pace(step, steps, seconds)}${queue}`;
  const cells = Math.max(MIN_BAR_CELLS, Math.min(BAR_CELLS, columns - which.length - tail.length));
  const full = Math.round((cells * step) / steps);
  return (which + style.full.repeat(full) + style.empty.repeat(cells - full) + tail).slice(0, columns);
}

function pace(step: number, steps: number, seconds: number): string {
  if (step === 0) return "";
  if (step >= steps) return "  decoding";
  const perStep = seconds / step;
  return `  ${perStep.toFixed(perStep < 1 ? 3 : 2)} s/it  ${clock(perStep * (steps - step))} left`;
}

/** 75 → `1:15`, 3700 → `1:01:40`. */
export function clock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

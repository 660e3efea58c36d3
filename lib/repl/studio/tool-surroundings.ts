import type { Engine } from "../../engine/engine.js";
import type { LaunchValues } from "../../options/table.js";
import type { Emit } from "../events.js";
import type { ModelCatalogue } from "../model-catalogue.js";

/** What everything works with that looks at pictures or changes them. */
export interface ToolSurroundings {
  readonly engine: Engine;
  readonly catalogue: ModelCatalogue;
  readonly launch: LaunchValues;
  readonly emit: Emit;
  /** True once the user asked to stop the line that runs. */
  readonly stopped: () => boolean;
}

/** Tells how far the work on a finished picture is; its time begins now. @returns to be called with the steps that are done, and all */
export function stepTeller(emit: Emit): (step: number, steps: number) => void {
  const began = performance.now();
  return (step, steps) => {
    const seconds = (performance.now() - began) / 1000;
    emit({ type: "progress", progress: { picture: 1, pictures: 1, step, steps, seconds } });
  };
}

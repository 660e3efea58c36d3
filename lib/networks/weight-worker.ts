import { parentPort } from "node:worker_threads";
import { DreamError } from "../errors.js";
import { computeWeight, type WeightTask } from "./compute-weight.js";

/* The program of a thread that computes weights: tasks come in, `{ data }` or what went wrong goes out; the memory is handed over. */
parentPort?.on("message", (task: WeightTask) => {
  try {
    const data = computeWeight(task);
    parentPort?.postMessage({ data }, [data.buffer as ArrayBuffer]);
  } catch (error) {
    if (!(error instanceof DreamError)) throw error;
    parentPort?.postMessage({ code: error.code, message: error.message });
  }
});

import path from "node:path";
import { InferenceSession, Tensor } from "../../lib/onnx/runtime.js";
import { latentInput, serve, stepInputs, type Task } from "./serve.js";

/**
 * The graph that the usual Python exporter makes, run by onnxruntime-node with its default settings (but the given number of threads).
 * Arguments: a folder made by `peers.py export`, a Task as JSON.
 */
async function main(folder: string, task: Task): Promise<void> {
  const started = performance.now();
  const session = await InferenceSession.create(path.join(folder, task.network, "model.onnx"), { intraOpNumThreads: task.threads });
  const loadSeconds = (performance.now() - started) / 1000;
  const { side } = task;
  let feeds: Record<string, Tensor>;
  if (task.network === "unet") {
    const { sample, context } = stepInputs(side, 768);
    const timestep = new Tensor("float32", [501], [1]);
    feeds = {
      sample: new Tensor("float32", sample, [2, 4, side, side]),
      timestep,
      encoder_hidden_states: new Tensor("float32", context, [2, 77, 768]),
    };
  } else {
    feeds = { latent_sample: new Tensor("float32", latentInput(side), [1, 4, side, side]) };
  }
  await serve({ loadSeconds, call: async () => (await session.run(feeds)).out_sample!.data as Float32Array });
}

await main(process.argv[2]!, JSON.parse(process.argv[3]!) as Task);

import { openModel } from "../../lib/models/open-model.js";
import { createNetworks } from "../../lib/networks/network-sessions.js";
import { latentInput, serve, stepInputs, type Task } from "./serve.js";

/** Our networks. Arguments: a model, a Task with these additions as JSON. */
export interface OurTask extends Task {
  readonly memory: "fast" | "lean";
  /** A folder, or "off". */
  readonly modelCache: string;
  /** Also loads the text encoder, as the program does (`lib/pipeline/live-model.ts`). */
  readonly encodeFirst?: boolean;
}

async function main(checkpoint: string, task: OurTask): Promise<void> {
  const { side, threads, memory, modelCache } = task;
  const started = performance.now();
  const model = await openModel(checkpoint);
  if (model.layout === "onnx") throw new Error("the benchmark measures the graphs that we build");
  const networks = await createNetworks(model, { threads, memory, modelCache, seamless: "" });
  const tokens = Int32Array.from({ length: 2 * 77 }, (_, index) => (index * 7919) % (model.textEncoder.config.vocabSize - 2));
  if (task.encodeFirst === true) {
    const unet = networks.unet.prepare({ batch: 2, height: side, width: side });
    await networks.textEncoder.encode(tokens, 2, 0);
    await unet;
  }
  const loadSeconds = (performance.now() - started) / 1000;
  if (task.network === "unet") {
    const { sample, context } = stepInputs(side, model.unet.config.crossAttentionDim);
    const shape = { batch: 2, height: side, width: side };
    await serve({ loadSeconds, call: () => networks.unet.predict(sample, 501, context, shape) });
  } else if (task.network === "vae_decoder") {
    const latent = latentInput(side);
    await serve({ loadSeconds, call: () => networks.vaeDecoder.decode(latent, { height: side, width: side }) });
  } else {
    await serve({ loadSeconds, call: () => networks.textEncoder.encode(tokens, 2, 0) });
  }
}

await main(process.argv[2]!, JSON.parse(process.argv[3]!) as OurTask);

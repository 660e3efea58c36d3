import { join } from "node:path";
import { EngineClient } from "../../lib/engine/client.js";
import type { Generated } from "../../lib/engine/engine.js";
import { job, loadRequest, until } from "../engine/fakes.js";
import { MINIATURES } from "../oracles/read-oracle.js";

/*
 * Claim: `kill -9` of the engine, at any moment of a picture, of its restart or of the reload behind it, costs that picture and nothing
 * else. Twenty kills at random moments; after each the client draws the reference picture again, bit for bit.
 */
const KILLS = 20;

const engine = new EngineClient();
const notices: string[] = [];
engine.onNotice((text) => notices.push(text));
await engine.load(loadRequest(join(MINIATURES, "sd1")));
const reference = (await engine.generate(job())) as Generated;
const started = performance.now();
await engine.generate(job({ steps: 150 }));
const duration = performance.now() - started;
console.log(`a picture takes ${duration.toFixed(0)} ms undisturbed`);

let lost = 0;
for (let round = 1; round <= KILLS; round++) {
  const outcome = engine.generate(job({ steps: 150 })).then(
    () => "finished",
    (failure: { code?: string }) => failure.code ?? String(failure),
  );
  const moment = Math.random() * duration;
  await sleep(moment);
  const victim = engine.pid;
  process.kill(victim!, "SIGKILL");
  // A job handed to a process whose death was not noticed yet would be lost like any other.
  await until(() => engine.pid !== undefined && engine.pid !== victim);
  // Every third time the successor is killed, too, while it starts or reloads.
  if (round % 3 === 0) {
    await sleep(Math.random() * 300);
    const successor = engine.pid;
    process.kill(successor!, "SIGKILL");
    await until(() => engine.pid !== successor);
  }
  const result = await outcome;
  if (result !== "engine/crashed" && result !== "finished") throw new Error(`round ${round}: the job ended with ${result}`);
  if (result === "engine/crashed") lost++;
  const again = (await engine.generate(job())) as Generated;
  if (Buffer.compare(again.image.rgb, reference.image.rgb) !== 0) throw new Error(`round ${round}: another picture after the restart`);
  console.log(`kill ${round} after ${moment.toFixed(0)} ms: ${result}, recovered`);
}
await engine.close();
console.log(`${KILLS} rounds, ${lost} pictures lost, ${notices.filter((text) => text.startsWith("reloaded")).length} reloads`);

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

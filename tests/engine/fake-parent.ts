import { fakeClient, job, loadRequest } from "./fakes.js";

// A program that starts the engine, begins a picture and then waits to be killed.
const engine = fakeClient();
await engine.load(loadRequest("/models/a"));
console.log(engine.pid);
await engine.generate(job({ steps: 10_000 }));

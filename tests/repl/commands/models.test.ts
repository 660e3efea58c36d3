import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { openSession } from "./open-session.js";

const REGISTRY = `
zebra: { path: /models/zebra.safetensors, description: "striped\\n  horse" }
tiny: { path: /models/tiny, description: the small one }
Ant: { path: /models/ant, format: onnx }
old-vae: { config: configs/VAE/one.yaml, weights: vae.safetensors }
`;

test("!models has the reference's columns, sorted without regard to capitals, VAEs left out, the active line emphasised", async () => {
  const { session, engine, events, folder } = await openSession();
  writeFileSync(join(folder, "models.yaml"), REGISTRY);
  const status = { family: "SD 1.x", memoryMode: "lean", weightBytes: 1, active: false } as const;
  engine.loaded = [
    { ...status, path: "/models/zebra.safetensors" },
    { ...status, path: "/models/tiny", active: true },
  ];
  expect(await session.submit("!models")).toBe("done");
  expect(events.at(-1)).toEqual({
    type: "text",
    text: [
      "Ant                       not loaded  onnx",
      "tiny                          active  diffusers  the small one",
      "zebra                         cached  ckpt       striped horse",
    ].join("\n"),
    emphasis: 1,
  });
});

test("a model in use that is not registered is listed with its path", async () => {
  const { session, events, folder } = await openSession();
  writeFileSync(join(folder, "models.yaml"), "ant: { path: /models/ant }\n");
  await session.submit("!models");
  expect(events.at(-1)).toEqual({
    type: "text",
    text: ["ant                       not loaded  diffusers", "tiny                          active  diffusers  /models/tiny"].join("\n"),
    emphasis: 1,
  });
});

test("what is no model stands below the models with its kind", async () => {
  const { session, said, folder } = await openSession();
  writeFileSync(
    join(folder, "models.yaml"),
    "tiny: { path: /models/tiny }\nseg: { kind: segmenter, path: /m/clipseg, description: text masks }\nUp: { kind: upscaler, path: /m/x.onnx }\n",
  );
  await session.submit("!models");
  expect(said("text").split("\n").slice(-2)).toEqual([
    "seg                                   segmenter  text masks",
    "Up                                    upscaler",
  ]);
});

test("a registry that cannot be read is one sentence", async () => {
  const { session, said, folder } = await openSession();
  writeFileSync(join(folder, "models.yaml"), "a: [");
  expect(await session.submit("!models")).toBe("failed");
  expect(said("problem")).toMatch(/^\*\* .*models\.yaml is not valid YAML: .*; mend the YAML file or pass another with --config$/);
});

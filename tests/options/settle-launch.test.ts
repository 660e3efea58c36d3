import { describe, expect, test } from "@jest/globals";
import { parseLaunch } from "../../lib/options/read.js";
import { settleLaunch } from "../../lib/options/settle-launch.js";
import { thrown } from "../support/thrown.js";

const settle = (...words: string[]) => settleLaunch(parseLaunch(words));

test("values that every line would inherit are checked at launch", () => {
  expect(() => settle("-W0")).toThrow("Width (-W) must be at least 64 pixels, not 0");
  expect(() => settle("--threads", "0")).toThrow("--threads must be between 1 and 1024, not 0");
  expect(() => settle("-f", "1.5")).toThrow("img2img and inpaint strength can only work with 0.0 < strength < 1.0");
  expect(settle("-W640", "--threads", "2")).toEqual({ launch: { width: 640, threads: 2 }, notices: [] });
});

describe("old names count, with a warning", () => {
  const laion = ["--laion400m flag has been deprecated. Please use --model laion400m instead."];
  test.each([
    [["--laion400m"], { model: "laion400m" }, laion],
    [["-l"], { model: "laion400m" }, laion],
    [["--latent_diffusion"], { model: "laion400m" }, laion],
    [["--laion400m", "True"], { model: "laion400m" }, laion],
    [
      ["--weights", "x.safetensors"],
      { model: "x.safetensors" },
      ["--weights argument has been deprecated. Please edit ./configs/models.yaml, and select the weights using --model instead."],
    ],
    [["--autoconvert", "d"], { autoimport: "d" }, ["--autoconvert imports like --autoimport: models need no conversion here"]],
    [
      ["-F", "--precision=float32"],
      { fullPrecision: true, precision: "float32" },
      [
        "--precision has no effect here: the arithmetic is float32 whatever the file holds",
        "Please remove deprecated --full_precision / -F: the arithmetic is float32 anyway",
      ],
    ],
  ])("%p", (words, launch, notices) => {
    expect(settle(...words)).toEqual({ launch, notices });
  });
});

test.each([
  [["--free_gpu_mem"], "--free_gpu_mem has no effect here: everything runs on the CPU"],
  [["--no-xformers"], "--no-xformers has no effect here: everything runs on the CPU"],
  [["--device", "cuda:0"], "-d has no effect here: everything runs on the CPU"],
  [["--gfpgan_bg_tile", "400"], "--gfpgan_bg_tile has no effect here: restoring faces does not enlarge; -U enlarges everything"],
  [["--weight_dirs", "a", "b"], "--weight_dirs has no effect here: models are found through the registry and --autoimport"],
])("%p is never ignored silently", (words, sentence) => {
  expect(settle(...words).notices).toEqual([sentence]);
});

test("the number of loaded models is at least one", () => {
  expect(settle("--max_loaded_models", "0")).toEqual({
    launch: { maxLoadedModels: 1 },
    notices: ["--max_loaded_models must be >= 1; using 1"],
  });
});

test.each([
  [["-F", "--precision", "float16"], "--full_precision and --precision float16 contradict each other; leave one out"],
  [["--device", "tpu"], '--device must be cpu, cuda, cuda:NUMBER or mps, not "tpu"'],
  [["--weights", "x", "--model", "y"], "--weights and --model say the same; leave one out"],
])("%p is refused", (words, sentence) => {
  expect(thrown(() => settle(...words))).toMatchObject({ code: "usage/launch", message: sentence });
});

test.each([
  [["--web", "--port", "80"], "not available yet: web server; leave out --web, --port"],
  [["--gui"], "not available yet: web server; leave out --gui"],
])("%p waits for its feature", (words, sentence) => {
  expect(thrown(() => settle(...words))).toMatchObject({ code: "usage/not-available", message: sentence });
});

test("what is switched off anyway asks for nothing", () => {
  expect(settle("--no-nsfw_checker", "--no-embeddings").notices).toEqual([]);
});

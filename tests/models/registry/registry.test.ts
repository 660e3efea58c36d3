import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { defaultModel, defaultTool, readRegistry, resolveModel } from "../../../lib/models/registry/registry.js";
import { PACKAGE_ROOT } from "../../../lib/package-root.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const folder = await temporaryFolder();
const path = join(folder, "models.yaml");

async function registryOf(text: string) {
  await writeFile(path, text);
  return readRegistry(path);
}

test("the registry that ships names the embedded model as default", async () => {
  const registry = await readRegistry(join(PACKAGE_ROOT, "configs", "models.yaml"));
  expect(defaultModel(registry)).toMatchObject({ name: "crayon", path: join(PACKAGE_ROOT, "configs", "models", "crayon"), width: 256 });
});

test("entries in the spelling of both generations are read", async () => {
  const registry = await registryOf(`
sd-1.4:
  weights: models/sd-v1-4.safetensors
  config: v1-inference.yaml
  width: 512
  height: 512
mine/v2:
  description: My own
  format: diffusers
  path: ~/models/mine
  vae: /vaes/better.safetensors
  preview_decoder: /decoders/small
  default: true
  steps: 20
  cfg_scale: 5.5
  sampler: k_euler_a
`);
  expect(registry.entries.get("sd-1.4")).toMatchObject({
    format: "ckpt",
    path: join(folder, "models", "sd-v1-4.safetensors"),
    config: join(folder, "v1-inference.yaml"),
    isDefault: false,
  });
  const files = { path: join(homedir(), "models", "mine"), vae: "/vaes/better.safetensors", previewDecoder: "/decoders/small" };
  const mine = { ...files, steps: 20, cfgScale: 5.5, sampler: "k_euler_a" };
  expect(defaultModel(registry)).toMatchObject(mine);
});

test("a model that lies on the network only is left out with a notice", async () => {
  const registry = await registryOf("a:\n  repo_id: someone/model\n  format: diffusers\nb:\n  path: b\n");
  expect([...registry.entries.keys()]).toEqual(["b"]);
  expect(registry.notices).toEqual([expect.stringContaining("someone/model has to be downloaded")]);
  expect(defaultModel(registry).name).toBe("b");
});

test("an entry with a kind is no model; the default counts within its kind, and a kind nobody knows is left out", async () => {
  const registry = await registryOf(`
big: { kind: upscaler, path: big.onnx }
best: { kind: upscaler, weights: best.safetensors, default: true }
words: { kind: segmenter, path: clipseg, description: by text }
odd: { kind: teapot, path: x }
`);
  expect(registry.entries.size).toBe(0);
  expect(defaultTool(registry, "upscaler")).toMatchObject({ name: "best", path: join(folder, "best.safetensors") });
  expect(defaultTool(registry, "segmenter")).toMatchObject({ name: "words", description: "by text" });
  expect(defaultTool(registry, "safety_checker")).toBeUndefined();
  expect(registry.notices).toEqual([expect.stringMatching(/^odd is left out: .* of the kind teapot, which is not known$/)]);
});

test("restorers of faces are chosen by their type, which is gfpgan where an entry says nothing", async () => {
  const registry = await registryOf(`
old: { kind: face_restorer, path: old.onnx }
new: { kind: face_restorer, type: gfpgan, path: new.onnx, default: true }
code: { kind: face_restorer, type: codeformer, path: code.onnx }
eyes: { kind: face_detector, type: codeformer, path: eyes.onnx }
`);
  expect(defaultTool(registry, "face_restorer", "gfpgan")?.name).toBe("new");
  expect(defaultTool(registry, "face_restorer", "codeformer")?.name).toBe("code");
  expect(defaultTool(registry, "face_detector")).toMatchObject({ name: "eyes", type: undefined });
  await expect(registryOf("x: { kind: face_restorer, type: gpen, path: x }")).rejects.toThrow("gpen");
});

test("a name wins over a path, capitals do not matter, paths work", async () => {
  const registry = await registryOf("Crayon:\n  path: c\nsd:\n  path: one\nSD:\n  path: two\n");
  expect(resolveModel("crayon", registry)).toMatchObject({ name: "Crayon", path: join(folder, "c") });
  expect(resolveModel("sd", registry).path).toBe(join(folder, "one"));
  expect(() => resolveModel("Sd", registry)).toThrow('"Sd" is neither');
  await mkdir(join(folder, "here"), { recursive: true });
  expect(resolveModel(join(folder, "here"), registry)).toEqual({ name: join(folder, "here"), path: join(folder, "here") });
  expect(() => resolveModel("nothing-like-it", registry)).toThrow("neither a known model name nor a file");
  expect(() => resolveModel("", registry)).toThrow("neither");
});

test("an empty registry is readable and has no default", async () => {
  const registry = await registryOf("# nothing yet\n");
  expect(registry.entries.size).toBe(0);
  expect(() => defaultModel(registry)).toThrow("names no model");
});

const laughs = Array.from({ length: 12 }, (_, i) => `l${i}: &l${i} [${i === 0 ? "x" : new Array(10).fill(`*l${i - 1}`).join(", ")}]`).join(
  "\n",
);

test.each([
  ["no YAML", "a: [", "not valid YAML"],
  ["a list", "- a\n- b", "mapping"],
  ["an entry that is a text", "a: b", "a is not a mapping"],
  ["an entry without a path", "a:\n  description: x", "a has no path"],
  ["a path that is a number", "a:\n  path: 7", "path is 7"],
  ["a size that is a text", "a:\n  path: p\n  width: wide", 'width is "wide"'],
  ["a name with a blank", '"a b":\n  path: p', "not a valid model name"],
  ["the same name twice", "a:\n  path: p\na:\n  path: q", "not valid YAML"],
  ["aliases that multiply", laughs, "not valid YAML"],
  ["brackets without end", "[".repeat(50_000), "nests deeper than 64 levels"],
  ["a foreign tag", "a: !!js/function 'x'", "not valid YAML"],
])("%s is refused by name of the file", async (_, text, words) => {
  await expect(registryOf(text)).rejects.toMatchObject({ code: "registry/unreadable", message: expect.stringContaining(words) });
});

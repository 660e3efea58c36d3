import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { DreamError } from "../../../lib/errors.js";
import { readRegistry } from "../../../lib/models/registry/registry.js";
import { FACES } from "../../oracles/read-faces.js";
import { MINIATURES, ORACLES } from "../../oracles/read-oracle.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { type OpenOptions, type OpenSession, openSession } from "./open-session.js";

const root = await temporaryFolder();
const REGISTRY = "# mine\ntiny:\n  path: /models/tiny\n";

async function open(options: OpenOptions = {}): Promise<OpenSession & { registry: string }> {
  const opened = await openSession([], options);
  const registry = join(opened.folder, "models.yaml");
  writeFileSync(registry, REGISTRY);
  return { ...opened, registry };
}

function checkpoint(folder: string, name: string): string {
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(MINIATURES, "sd1-fp16.safetensors"), join(folder, `${name}.safetensors`));
  copyFileSync(join(MINIATURES, "sd1.yaml"), join(folder, `${name}.yaml`));
  return join(folder, `${name}.safetensors`);
}

const questions = ({ events }: OpenSession) => events.flatMap((event) => (event.type === "question" ? [event.question.text] : []));

test("without a keyboard nothing is asked, and the model in use stays", async () => {
  const opened = await open();
  const { session, said, engine, folder, registry } = opened;
  const path = checkpoint(join(folder, "more models"), "my sd");
  expect(await session.submit(`!import_model "${path}"`)).toBe("done");
  expect(said("problem")).toBe("");
  expect(said("text")).toContain(`>> Probing ${path} for import`);
  expect(said("text")).toContain(">> my-sd successfully installed");
  expect(readFileSync(registry, "utf8")).toBe(
    `${REGISTRY}my-sd:\n  description: Imported model my-sd\n  format: ckpt\n  weights: more models/my sd.safetensors\n  width: 64\n  height: 64\n`,
  );
  expect(engine.loads.map((request) => request.path)).toEqual(["/models/tiny", path, "/models/tiny"]);
  await session.submit("a -S1");
  expect(said("text")).toContain("# model_id=tiny");
});

test("the switches say what would be asked", async () => {
  const { session, registry } = await open();
  const path = join(MINIATURES, "sd1");
  expect(await session.submit(`!import_model ${path} --name sd/1 --description 'It''s "small"' --default`)).toBe("done");
  const { entries } = await readRegistry(registry);
  expect(entries.get("sd/1")).toMatchObject({ path, format: "diffusers", description: 'Its "small"', isDefault: true });
});

test("the dialogue asks for name, description, whether to keep it and to start with it", async () => {
  const opened = await open({ answers: ["no good", "tiny", "mini", "", "maybe", "y", ""] });
  const { session, said, registry } = opened;
  expect(await session.submit(`!import ${join(MINIATURES, "sd1")}`)).toBe("done");
  expect(questions(opened)).toEqual([
    ...new Array(3).fill("Short name for this model [sd1]: "),
    "Description for this model [Imported model mini]: ",
    ...new Array(2).fill("Keep model loaded? [y]: "),
    "Make this the default model? [n]: ",
  ]);
  expect(said("problem").split("\n")).toEqual([
    '** "no good" is no name: letters, digits and . _ + : / - only',
    "** there is already a model named tiny; choose another name",
    "** please answer y or n",
  ]);
  expect((await readRegistry(registry)).entries.get("mini")).toMatchObject({ description: "Imported model mini", isDefault: false });
  await session.submit("a -S1");
  expect(said("text")).toContain("# model_id=mini");
});

test.each([
  ["at the name", []],
  ["at the description", ["mini"]],
  ["after loading", ["mini", ""]],
])("giving up %s changes nothing", async (_, answers) => {
  const { session, said, engine, registry } = await open({ answers });
  expect(await session.submit(`!import_model ${join(MINIATURES, "sd1")}`)).toBe("failed");
  expect(said("problem")).toBe("** Aborting import.");
  expect(readFileSync(registry, "utf8")).toBe(REGISTRY);
  expect(engine.loads.at(-1)?.path).toBe("/models/tiny");
});

test("a model that cannot be loaded is not registered", async () => {
  const { session, said, engine, registry } = await open();
  engine.loadFailure = new DreamError("weights/missing-key", "it has no tensor x");
  expect(await session.submit(`!import_model ${join(MINIATURES, "sd1")}`)).toBe("failed");
  expect(said("problem")).toContain("** model sd1 could not be loaded: it has no tensor x; ");
  expect(said("problem")).toMatch(/\*\* model failed to load. Discarding configuration entry$/);
  expect(readFileSync(registry, "utf8")).toBe(REGISTRY);
});

test("a folder gives all its new models", async () => {
  const { session, said, registry } = await open();
  const folder = mkdtempSync(join(root, "collection-"));
  checkpoint(folder, "one");
  checkpoint(join(folder, "below"), "two");
  cpSync(join(MINIATURES, "sd1"), join(folder, "three"), { recursive: true });
  writeFileSync(join(folder, "old.ckpt"), "x");
  checkpoint(folder, "tiny");
  expect(await session.submit(`!import_model ${folder}`)).toBe("done");
  expect([...(await readRegistry(registry)).entries.keys()]).toEqual(["tiny", "one", "three", "two"]);
  expect(said("text")).toContain(`>> not imported: ${join(folder, "tiny.safetensors")} is already registered as tiny`);
  expect(said("text")).toContain(`>> not imported: ${join(folder, "old.ckpt")} is no file of tensors by torch`);
  await session.submit(`!import_model ${folder}`);
  expect(said("text")).toMatch(/no new model found in .*$/);
});

test("a folder asks for the names of all its models; giving up keeps those that were imported before", async () => {
  const opened = await open({ answers: ["first", "number one", "second"] });
  const folder = mkdtempSync(join(root, "collection-"));
  for (const name of ["a", "b"]) checkpoint(folder, name);
  expect(await opened.session.submit(`!import_model ${folder}`)).toBe("failed");
  expect(questions(opened)).toEqual([
    "Short name for this model [a]: ",
    "Description for this model [Imported model first]: ",
    "Short name for this model [b]: ",
    "Description for this model [Imported model second]: ",
  ]);
  expect([...(await readRegistry(opened.registry)).entries.keys()]).toEqual(["tiny", "first"]);
  expect(opened.engine.loads.at(-1)?.path).toBe("/models/tiny");
});

test("a folder of CLIPSeg and a checker are registered with their kind, and nothing is loaded", async () => {
  const { session, said, engine, registry } = await open();
  const folder = mkdtempSync(join(root, "tools-"));
  const classes = { words: "CLIPSegForImageSegmentation", guard: "StableDiffusionSafetyChecker" };
  for (const [name, architecture] of Object.entries(classes)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "config.json"), JSON.stringify({ architectures: [architecture] }));
  }
  expect(await session.submit(`!import_model ${join(folder, "words")} --description 'text masks'`)).toBe("done");
  expect(await session.submit(`!import_model ${join(folder, "guard")} --default`)).toBe("done");
  expect(said("text")).toContain(">> guard successfully installed (safety_checker)");
  const { tools, entries } = await readRegistry(registry);
  expect([...tools.values()]).toEqual([
    { name: "words", kind: "segmenter", description: "text masks", path: join(folder, "words"), isDefault: false },
    { name: "guard", kind: "safety_checker", description: "Imported model guard", path: join(folder, "guard"), isDefault: true },
  ]);
  expect([...entries.keys()]).toEqual(["tiny"]);
  expect(engine.loads).toHaveLength(1);
  expect(await session.submit(`!import_model ${join(folder, "guard")} --name other`)).toBe("failed");
  expect(said("problem")).toContain("is already registered as guard");
});

test("exported networks about faces are registered with what they do", async () => {
  const { session, said, registry } = await open();
  const folder = mkdtempSync(join(root, "faces-"));
  cpSync(FACES, folder, { recursive: true });
  for (const name of ["yunet", "codeformer"]) expect(await session.submit(`!import_model ${join(folder, name)}.onnx`)).toBe("done");
  expect(said("text")).toContain(">> codeformer successfully installed (codeformer)");
  const { tools } = await readRegistry(registry);
  expect([...tools.values()].map(({ name, kind, type }) => [name, kind, type])).toEqual([
    ["yunet", "face_detector", undefined],
    ["codeformer", "face_restorer", "codeformer"],
  ]);
});

test("--name is for one model", async () => {
  const { session, said, registry } = await open();
  const folder = mkdtempSync(join(root, "collection-"));
  for (const name of ["a", "b"]) checkpoint(folder, name);
  expect(await session.submit(`!import_model ${folder} --name x`)).toBe("failed");
  expect(said("problem")).toContain("--name and --default are for one model");
  expect(readFileSync(registry, "utf8")).toBe(REGISTRY);
});

test.each([
  ["", "please provide (1) a .safetensors or .ckpt file"],
  ["https://example.org/model.safetensors", "this program downloads nothing"],
  ["somebody/model", "this program downloads nothing; fetch somebody/model first"],
  ["/nowhere/model.safetensors", "there is no model at /nowhere/model.safetensors"],
  ["MINI --name tiny", "there is already a model named tiny"],
  ["MINI --name 'a b'", '"a b" is no name'],
  ["MINI --colour red", "unrecognized arguments: --colour red"],
  ["'MINI", "No closing quotation"],
])("!import_model %s is refused and nothing is changed", async (argument, words) => {
  const { session, said, engine, registry } = await open();
  expect(await session.submit(`!import_model ${argument.replace("MINI", join(MINIATURES, "sd1"))}`)).toBe("failed");
  expect(said("problem")).toContain(words);
  expect(readFileSync(registry, "utf8")).toBe(REGISTRY);
  expect(engine.loads).toHaveLength(1);
});

test.each(["compact-x2.safetensors", "rrdb-x4-2018.pth", "compact-x2.onnx"])(
  "%s is registered as an upscaler, and no model is loaded",
  async (name) => {
    const { session, said, registry, engine } = await open();
    const path = join(ORACLES, "upscalers", name);
    expect(await session.submit(`!import_model ${path} --name sharp --default`)).toBe("done");
    expect(said("text")).toContain(">> sharp successfully installed (upscaler)");
    expect((await readRegistry(registry)).tools.get("sharp")).toMatchObject({ kind: "upscaler", path, isDefault: true });
    expect(engine.loads.length).toBe(1);
  },
);

import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { chooseModel as choose, openCatalogue } from "../../lib/cli/choose-model.js";
import { placeBelowRoot } from "../../lib/cli/place-below-root.js";
import type { LaunchValues } from "../../lib/options/table.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";
import { MINIATURES } from "../oracles/read-oracle.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = await temporaryFolder();
const config = join(folder, "models.yaml");
writeFileSync(
  config,
  "one: { path: one }\ntwo: { path: two.safetensors, config: two.yaml, vae: vae, width: 768, steps: 20, default: true }\n",
);
mkdirSync(join(folder, "My Model"));

const chooseModel = (launch: LaunchValues, environment: NodeJS.ProcessEnv) => choose(launch, openCatalogue(launch, environment));

test("a registered name brings its preferences", async () => {
  const model = await chooseModel({ config, model: "two", memory: "lean", threads: 3, modelCache: "off" }, {});
  expect(model).toMatchObject({
    id: "two",
    request: {
      path: join(folder, "two.safetensors"),
      config: join(folder, "two.yaml"),
      vae: join(folder, "vae"),
      memory: "lean",
      threads: 3,
      modelCache: "off",
    },
    defaults: { width: 768, steps: 20, sampler: undefined },
  });
});

test("without --model it is the registry's default", async () => expect((await chooseModel({ config }, {})).id).toBe("two"));

test("a path is known by its last part", async () => {
  const { id, request } = await chooseModel({ config, model: join(folder, "My Model") }, { XDG_CACHE_HOME: "/cache" });
  expect(id).toBe("My Model");
  expect(request).toMatchObject({ path: join(folder, "My Model"), memory: "auto" });
  if (process.platform === "linux") expect(request.modelCache).toBe("/cache/dream-repl");
});

test("what is neither is said", async () => {
  await expect(chooseModel({ config, model: "three" }, {})).rejects.toMatchObject({ code: "model/not-found" });
  await expect(chooseModel({ config: join(folder, "none.yaml") }, {})).rejects.toMatchObject({ code: "file/not-found" });
});

test.each([
  ["the program's own without a root", {}, join(PACKAGE_ROOT, "configs", "embeddings")],
  ["below the root", { rootDir: "/root" }, "/root/embeddings"],
  ["where they are said to be", { rootDir: "/root", embeddingDirectory: "/mine" }, "/mine"],
  ["nowhere when switched off", { embeddings: false }, undefined],
])("embeddings are %s", async (_case, launch, place) => {
  expect((await chooseModel({ config, ...launch }, {})).request.embeddings).toBe(place);
});

describe("with a root", () => {
  const root = join(folder, "root");
  mkdirSync(join(root, "configs"), { recursive: true });
  writeFileSync(join(root, "configs", "models.yaml"), "a: { path: a }\nb: { path: b }\n");
  afterEach(() => rmSync(join(root, ".last_model"), { force: true }));

  test("its registry is the registry", async () => {
    expect((await chooseModel(placeBelowRoot({}, root).launch, {})).request.path).toBe(join(root, "configs", "a"));
  });

  test.each([
    ["b", "b", []],
    ["gone", "a", ['the model used last cannot be used: "gone" is neither a known model name nor a file']],
    ["", "a", []],
    ["x".repeat(5000), "a", []],
  ])("the model used last was %.20s", async (last, id, notices) => {
    writeFileSync(join(root, ".last_model"), `${last}\n`);
    expect(await chooseModel(placeBelowRoot({}, root).launch, {})).toMatchObject({ id, notices });
    expect((await chooseModel(placeBelowRoot({ model: "a" }, root).launch, {})).id).toBe("a");
  });
});

test("--autoimport registers models before one is chosen", async () => {
  const place = join(folder, "autoimport");
  mkdirSync(place);
  writeFileSync(join(place, "models.yaml"), "one: { path: one }\n");
  cpSync(join(MINIATURES, "sd1"), join(place, "new", "mini"), { recursive: true });
  const model = await chooseModel({ config: join(place, "models.yaml"), autoimport: join(place, "new"), model: "mini" }, {});
  expect(model).toMatchObject({ id: "mini", notices: [`mini successfully installed (SD 1.x, ${join(place, "new", "mini")})`] });
});

test("--max_loaded_models reaches the engine", async () => {
  expect((await chooseModel({ config, maxLoadedModels: 3 }, {})).request.keep).toBe(3);
  expect((await chooseModel({ config }, {})).request.keep).toBe(1);
});

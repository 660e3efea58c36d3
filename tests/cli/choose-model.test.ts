import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { chooseModel as choose, openCatalogue } from "../../lib/cli/choose-model.js";
import type { LaunchValues } from "../../lib/options/table.js";
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

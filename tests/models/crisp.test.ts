import path from "node:path";
import { expect, test } from "@jest/globals";
import { openUpscaler } from "../../lib/models/open-upscaler.js";
import { defaultTool, readRegistry } from "../../lib/models/registry/registry.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

test("the registry that ships names an upscaler of our own, of the compact form", async () => {
  const found = defaultTool(await readRegistry(path.join(PACKAGE_ROOT, "configs", "models.yaml")), "upscaler");
  expect(found?.name).toBe("crisp");
  expect(await openUpscaler(found?.path ?? "")).toMatchObject({ config: { kind: "compact", scale: 2, features: 24, convolutions: 6 } });
});

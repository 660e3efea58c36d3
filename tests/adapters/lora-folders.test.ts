import path from "node:path";
import { expect, test } from "@jest/globals";
import { loraFolders } from "../../lib/adapters/lora-folders.js";
import { PACKAGE_ROOT } from "../../lib/package-root.js";

const SHIPPED = path.join(PACKAGE_ROOT, "configs", "loras");

test.each([
  ["nothing is said", {}, [path.resolve("loras"), SHIPPED]],
  ["there is a root", { rootDir: "/root" }, ["/root/loras"]],
  ["a folder is named", { loraDirectory: "/mine", rootDir: "/root" }, ["/mine"]],
  ["a folder is named without a root", { loraDirectory: "mine" }, [path.resolve("mine")]],
])("LoRAs are looked for where they belong when %s", (_case, launch, folders) => {
  expect(loraFolders(launch)).toEqual(folders);
});

import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { MINIATURES } from "../../oracles/read-oracle.js";
import { type OpenOptions, type OpenSession, openSession } from "./open-session.js";

const REGISTRY = `# mine
tiny: { path: /models/tiny }
# large
one: { weights: models/one.safetensors }
two: { path: models/two }
`;

interface Opened extends OpenSession {
  readonly registry: () => string;
  readonly checkpoint: string;
}

async function open(options: OpenOptions = {}): Promise<Opened> {
  const opened = await openSession([], options);
  const registry = join(opened.folder, "models.yaml");
  const checkpoint = join(opened.folder, "models", "one.safetensors");
  writeFileSync(registry, REGISTRY);
  mkdirSync(join(opened.folder, "models"));
  writeFileSync(checkpoint, "x".repeat(1000));
  cpSync(join(MINIATURES, "sd1"), join(opened.folder, "models", "two"), { recursive: true });
  return { ...opened, registry: () => readFileSync(registry, "utf8"), checkpoint };
}

const WITHOUT_ONE = REGISTRY.replace("one: { weights: models/one.safetensors }\n", "");
const asked = ({ events }: OpenSession) => events.flatMap((event) => (event.type === "question" ? [event.question.text] : []));

test("the dialogue removes the entry and, unless told otherwise, keeps the files", async () => {
  const opened = await open({ answers: ["", ""] });
  expect(await opened.session.submit("!del_model one")).toBe("done");
  expect(asked(opened)).toEqual([
    "Remove 'one' from the list of models? [y]: ",
    `Delete ${opened.checkpoint} (0.000 GB) from the disk? [n]: `,
  ]);
  expect(opened.said("text")).toMatch(/\*\* one deleted$/);
  expect(opened.registry()).toBe(WITHOUT_ONE);
  expect(existsSync(opened.checkpoint)).toBe(true);
});

test("the files go when the user says so", async () => {
  const opened = await open({ answers: ["y", "y"] });
  await opened.session.submit("!del one");
  expect(opened.said("text")).toMatch(/\*\* one deleted\n>> deleted .*one\.safetensors/);
  expect(existsSync(opened.checkpoint)).toBe(false);
});

test.each([
  ["no", ["n"]],
  ["Ctrl-C", []],
  ["Ctrl-C at the second question", ["y"]],
])("%s changes nothing", async (_, answers) => {
  const opened = await open({ answers });
  await opened.session.submit("!del_model one");
  expect(opened.registry()).toBe(REGISTRY);
  expect(existsSync(opened.checkpoint)).toBe(true);
});

test("--yes asks nothing and keeps the files", async () => {
  const opened = await open();
  expect(await opened.session.submit("!del_model one --yes")).toBe("done");
  expect(opened.registry()).toBe(WITHOUT_ONE);
  expect(existsSync(opened.checkpoint)).toBe(true);
});

test("--delete_files deletes a whole folder of diffusers", async () => {
  const opened = await open();
  expect(await opened.session.submit("!del_model two --yes --delete_files")).toBe("done");
  expect(opened.said("text")).toMatch(/>> deleted the folder .*two with its \d+ files/);
  expect(existsSync(join(opened.folder, "models", "two"))).toBe(false);
});

test("files that may not be deleted keep the entry, too, when their deletion was asked for", async () => {
  const opened = await open();
  writeFileSync(join(opened.folder, "models", "two", "diary.odt"), "mine");
  expect(await opened.session.submit("!del_model two --yes --delete_files")).toBe("failed");
  expect(opened.said("problem")).toContain("the files of two stay: ");
  expect(opened.registry()).toBe(REGISTRY);
});

test("files of what is no model to draw with are not deleted, which is said when it was asked for", async () => {
  const opened = await open();
  writeFileSync(join(opened.folder, "models.yaml"), `${REGISTRY}sharp: { kind: upscaler, path: models/sharp.pth }\n`);
  expect(await opened.session.submit("!del_model sharp --yes --delete_files")).toBe("failed");
  expect(opened.said("problem")).toContain("the files of sharp stay, for it is no model to draw with");
  expect(await opened.session.submit("!del_model sharp --yes")).toBe("done");
  expect(opened.registry()).toBe(REGISTRY);
});

test("in the dialogue the reason why files stay is said", async () => {
  const opened = await open({ answers: ["y"] });
  writeFileSync(join(opened.folder, "models", "two", "diary.odt"), "mine");
  expect(await opened.session.submit("!del_model two")).toBe("done");
  expect(opened.said("text")).toMatch(/>> the files of two stay: .*diary\.odt does not belong to a model\n\*\* two deleted$/);
});

test.each([
  ["", "please name a model"],
  ["nobody", "** Unknown model nobody"],
  ["tiny --yes", "** Can't delete active model. !switch to another model first. **"],
  ["one", "nobody can be asked here: !del_model one --yes removes it"],
])("!del_model %s is refused", async (argument, words) => {
  const opened = await open();
  expect(await opened.session.submit(`!del_model ${argument}`)).toBe("failed");
  expect(opened.said("problem")).toContain(words);
  expect(opened.registry()).toBe(REGISTRY);
});

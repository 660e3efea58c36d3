import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { MINIATURES } from "../../oracles/read-oracle.js";
import { type OpenOptions, type OpenSession, openSession } from "./open-session.js";

const REGISTRY = `# mine
tiny:
  # in use
  description: the small one
  path: /models/tiny
  shelf: B3
other:
  description: another
  format: diffusers
  path: /models/other
  default: true
far:
  repo_id: somebody/far
words:
  kind: segmenter
  path: /models/clipseg
`;

async function open(options: OpenOptions = {}): Promise<OpenSession & { registry: () => string }> {
  const opened = await openSession([], options);
  const path = join(opened.folder, "models.yaml");
  writeFileSync(path, REGISTRY);
  return { ...opened, registry: () => readFileSync(path, "utf8") };
}

test("the dialogue brings every text to edit, and an empty answer keeps it", async () => {
  const { session, events, said, registry } = await open({ answers: ["second", "better", "", "", "n"] });
  expect(await session.submit("!edit_model other")).toBe("done");
  expect(events.flatMap((event) => (event.type === "question" ? [event.question] : []))).toEqual([
    { text: "name: ", initial: "other" },
    { text: "description: ", initial: "another" },
    { text: "path: ", initial: "/models/other" },
    { text: "vae: ", initial: "" },
    { text: "Make this the default model? [n]: " },
  ]);
  expect(said("text")).toMatch(/>> Model successfully updated$/);
  expect(registry()).toBe(REGISTRY.replace("other:", "second:").replace("another", "better"));
});

test("a text of several lines is shown as one and stays as it is", async () => {
  const { session, events, folder, registry } = await open({ answers: ["", "", "", "", ""] });
  const text = "wide:\n  description: |\n    one\n    two\n  path: /models/wide\n";
  writeFileSync(join(folder, "models.yaml"), text);
  expect(await session.submit("!edit_model wide")).toBe("done");
  expect(events).toContainEqual({ type: "question", question: { text: "description: ", initial: "one two" } });
  expect(registry()).toBe(text);
});

test("giving up changes nothing", async () => {
  const { session, said, registry } = await open({ answers: ["second", "better"] });
  expect(await session.submit("!edit_model other")).toBe("failed");
  expect(said("problem")).toBe("** Aborting edit. Nothing was changed");
  expect(registry()).toBe(REGISTRY);
});

test("switches say what to change, and nothing is asked", async () => {
  const { session, registry } = await open({ answers: [] });
  expect(await session.submit("!edit_model tiny --description 'the one' --steps 7 --cfg_scale 5.5 --sampler ddim --default")).toBe("done");
  expect(registry()).toBe(
    REGISTRY.replace("  default: true\n", "")
      .replace("the small one", "the one")
      .replace("  shelf: B3\n", "  shelf: B3\n  steps: 7\n  cfg_scale: 5.5\n  sampler: ddim\n  default: true\n"),
  );
});

test("preferences and name of the model in use count at once", async () => {
  const { session, engine, said } = await open();
  await session.submit("!edit_model tiny --name small --steps 7");
  await session.submit("a -S1");
  expect(engine.jobs.at(-1)?.steps).toBe(7);
  expect(said("text")).toContain("# model_id=small");
  expect(engine.loads).toHaveLength(1);
});

test("other files of the model in use wait for !switch", async () => {
  const { session, engine, said } = await open();
  expect(await session.submit(`!edit_model tiny --path ${join(MINIATURES, "sd1")}`)).toBe("done");
  expect(said("text")).toMatch(/>> Model successfully updated\n>> !switch tiny loads it as it is now$/);
  expect(engine.loads).toHaveLength(1);
  await session.submit("!switch tiny");
  expect(engine.loads.at(-1)?.path).toBe(join(MINIATURES, "sd1"));
});

test.each([
  ["", "please name a model"],
  ["nobody --steps 3", "Unknown model nobody"],
  ["other", "nobody can be asked here: say what to change"],
  ["other --name tiny", "there is already a model named tiny"],
  ["other --name 'a b'", '"a b" is no name'],
  ["other --path /nowhere", "there is no model at /nowhere"],
  ["other --vae /nowhere", "there is no model at /models/other"],
  ["other --width 100000", "Width (-W) must be at most 8192 pixels, not 100000; nothing was changed"],
  ["other --width -1", "width is -1"],
  ["other --sampler magic", 'There is no sampler "magic"'],
  ["words --description better", "words is no model but of the kind segmenter: edit "],
  ["far --description near", "far would be no entry that can be used"],
])("!edit_model %s is refused and nothing is changed", async (argument, words) => {
  const { session, said, registry } = await open();
  expect(await session.submit(`!edit_model ${argument}`)).toBe("failed");
  expect(said("problem")).toContain(words);
  expect(registry()).toBe(REGISTRY);
});

test("--preview_decoder names a decoder for previews", async () => {
  const { session, folder, registry } = await open();
  expect(await session.submit(`!edit_model other --preview_decoder ${join(folder, "taesd")}`)).toBe("done");
  expect(registry()).toMatch(/\n {2}preview_decoder: .*taesd\n/);
});

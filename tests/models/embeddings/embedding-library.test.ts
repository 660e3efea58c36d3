import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { EmbeddingLibrary } from "../../../lib/models/embeddings/embedding-library.js";
import { PACKAGE_ROOT } from "../../../lib/package-root.js";
import { ORACLES } from "../../oracles/read-oracle.js";
import { join as bytes, pickle } from "../../support/pickle-bytes.js";
import { safetensorsBytes, type TensorToWrite } from "../../support/safetensors-bytes.js";
import { temporaryFolder } from "../../support/temporary-folder.js";
import { torchZip } from "../../support/zip-bytes.js";

const SAMPLES = join(ORACLES, "embeddings", "files");
const root = await temporaryFolder();

function folder(): string {
  return mkdtempSync(join(root, "case-"));
}

function write(file: string, content: Uint8Array | Record<string, TensorToWrite>): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content instanceof Uint8Array ? content : safetensorsBytes(content));
  return file;
}

const words = (word: string, shape: readonly number[] = [16]) => ({ [word]: { shape } });

/** What a model with 16 numbers a token gets of a folder. */
async function offered(place: string | undefined, width = 16) {
  const library = new EmbeddingLibrary();
  await library.refresh(place);
  const { embeddings, notices } = library.offer(width);
  return { triggers: embeddings.map(({ trigger, vectors }) => `${trigger} ${vectors}`), notices, embeddings };
}

test("every layout, in the order of the files", async () => {
  expect(await offered(SAMPLES)).toMatchObject({
    triggers: ["by-somebody 2", "<cat-toy> 1", "<original> 1", "<params> 3", "<one> 1", "<two> 2"],
    notices: [],
  });
});

test("vectors of half precision and of several rows", async () => {
  const { embeddings } = await offered(join(SAMPLES, "a1111.pt"));
  const vectors = await embeddings[0]!.read();
  expect(vectors.length).toBe(32);
  expect(vectors.every((value) => Number.isFinite(value) && value !== 0)).toBe(true);
});

test("one file instead of a folder", async () => {
  expect(await offered(join(SAMPLES, "learned_embeds.bin"))).toMatchObject({ triggers: ["<cat-toy> 1"], notices: [] });
});

test("the one that is shipped, for the built-in model", async () => {
  expect(await offered(join(PACKAGE_ROOT, "configs", "embeddings"), 128)).toMatchObject({ triggers: ["<olive> 2"], notices: [] });
});

test.each([["nowhere"], [undefined]])("nothing in %s", async (place) => {
  expect(await offered(place && join(root, place))).toEqual({ triggers: [], notices: [], embeddings: [] });
});

test("without a name the file is the trigger", async () => {
  const place = folder();
  write(join(place, "my style.safetensors"), words("*"));
  write(join(place, "other.safetensors"), words("emb_params", [2, 16]));
  expect((await offered(place)).triggers).toEqual(["<my style> 1", "<other> 2"]);
});

test("the last token of the original layout counts", async () => {
  const place = folder();
  const tensor = (key: string) => pickle.tensor(pickle.storage(key, 16), 0, [1, 16], [16, 1]);
  const value = pickle.dictionary({
    string_to_token: pickle.dictionary({ first: pickle.integer(1), "<last>": pickle.integer(2) }),
    string_to_param: pickle.dictionary({ first: tensor("0"), "<last>": tensor("1") }),
  });
  const data = new Float32Array(16).fill(3);
  write(join(place, "v2.pt"), torchZip(pickle.of(value), { "0": new Uint8Array(64), "1": new Uint8Array(data.buffer) }));
  const { triggers, embeddings } = await offered(place);
  expect(triggers).toEqual(["<last> 1"]);
  expect([...(await embeddings[0]!.read())]).toEqual([...data]);
});

describe("a trigger that is taken", () => {
  test("gives way to the file's name", async () => {
    const place = folder();
    write(join(place, "a.safetensors"), words("<x>"));
    write(join(place, "b.safetensors"), words("<x>"));
    expect(await offered(place)).toMatchObject({
      triggers: ["<x> 1", "<b> 1"],
      notices: [`the trigger of ${join(place, "b.safetensors")} is <b>, for <x> is that of ${join(place, "a.safetensors")}`],
    });
  });

  test("gives way to the folder's name where all files are called the same", async () => {
    const place = folder();
    write(join(place, "one", "learned_embeds.safetensors"), words("<x>"));
    write(join(place, "two", "learned_embeds.safetensors"), words("<x>"));
    expect((await offered(place)).triggers).toEqual(["<x> 1", "<two> 1"]);
  });

  test("leaves a file out where that is taken, too", async () => {
    const place = folder();
    write(join(place, "one", "x.safetensors"), words("emb_params"));
    write(join(place, "two", "x.safetensors"), words("emb_params"));
    expect(await offered(place)).toMatchObject({ triggers: ["<x> 1"], notices: [expect.stringContaining("is not used: its trigger <x>")] });
  });

  test("is free for a model of another width", async () => {
    const place = folder();
    write(join(place, "a.safetensors"), words("<x>", [768]));
    write(join(place, "b.safetensors"), words("<x>", [1024]));
    const library = new EmbeddingLibrary();
    await library.refresh(place);
    const fileFor = (width: number) => library.offer(width).embeddings.map(({ file }) => file);
    expect([fileFor(768), fileFor(1024)]).toEqual([[join(place, "a.safetensors")], [join(place, "b.safetensors")]]);
    expect(library.offer(768).notices).toEqual([
      "embeddings for models with 1024 numbers a token are not used, for this one has 768: b.safetensors",
    ]);
  });
});

describe("looking again", () => {
  test("changes nothing when the files are the same", async () => {
    const library = new EmbeddingLibrary();
    expect(await library.refresh(SAMPLES)).toBe(true);
    const before = library.offer(16);
    expect(await library.refresh(SAMPLES)).toBe(false);
    expect(library.offer(16)).toBe(before);
  });

  test("finds new files, changed ones, and leaves those out that went", async () => {
    const place = folder();
    const kept = write(join(place, "kept.safetensors"), words("<kept>"));
    const changed = write(join(place, "changed.safetensors"), words("<before>"));
    const gone = write(join(place, "gone.safetensors"), words("<gone>"));
    const library = new EmbeddingLibrary();
    await library.refresh(place);
    const same = library.offer(16).embeddings.find(({ file }) => file === kept)!;
    write(changed, words("<after>"));
    utimesSync(changed, 1, 1);
    rmSync(gone);
    write(join(place, "new.safetensors"), words("<new>"));
    expect(await library.refresh(place)).toBe(true);
    expect(library.offer(16).embeddings.map(({ trigger }) => trigger)).toEqual(["<after>", "<kept>", "<new>"]);
    expect(library.offer(16).embeddings[1]).toMatchObject({ trigger: same.trigger, file: kept });
  });
});

describe("what is left out", () => {
  test("hidden files, other endings, and folders that lead back", async () => {
    const place = folder();
    write(join(place, ".hidden.safetensors"), words("<a>"));
    write(join(place, ".git", "b.safetensors"), words("<b>"));
    write(join(place, "readme.txt"), bytes([1]));
    symlinkSync(place, join(place, "again"));
    copyFileSync(join(SAMPLES, "params.safetensors"), join(place, "UPPER.SAFETENSORS"));
    expect(await offered(place)).toMatchObject({ triggers: ["<UPPER> 3"], notices: [] });
  });

  test.each([
    ["too many vectors", words("<x>", [76, 16]), "it has 76 vectors, and a prompt has room for 75"],
    ["no vectors", words("<x>", [0, 16]), "is no embedding"],
    ["three axes", words("<x>", [1, 2, 16]), "of the shape [1, 2, 16] is no embedding"],
    ["whole numbers", { "<x>": { dtype: "I64", shape: [16] } as const }, "is stored as I64"],
    ["Stable Diffusion XL", { clip_g: { shape: [1, 1280] }, clip_l: { shape: [1, 768] } }, "for Stable Diffusion XL"],
    ["a whole model", Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`t${i}`, { shape: [16] }])), "holds 101 tensors"],
    ["a trigger with control characters", words("a\u001bb"), "control characters"],
    ["an endless trigger", words("x".repeat(201)), "too long"],
  ])("%s: the file is named", async (_case, content, why) => {
    const place = folder();
    const path = write(join(place, "x.safetensors"), content);
    const { triggers, notices } = await offered(place);
    expect(triggers).toEqual([]);
    expect(notices).toEqual([expect.stringContaining(why)]);
    expect(notices[0]).toContain(path);
  });

  test("what asks to run something is named, and the others are used", async () => {
    const place = folder();
    write(join(place, "evil.pt"), torchZip(pickle.of(pickle.call("os", "system", pickle.text("true")))));
    write(join(place, "good.safetensors"), words("<good>"));
    expect(await offered(place)).toMatchObject({ triggers: ["<good> 1"], notices: [expect.stringContaining("asks to run os.system")] });
  });

  test("what lies too deep is named", async () => {
    const place = folder();
    const deep = join(place, ...Array.from({ length: 8 }, (_, level) => String(level)));
    write(join(deep, "found.safetensors"), words("<found>"));
    write(join(deep, "9", "lost.safetensors"), words("<lost>"));
    expect(await offered(place)).toMatchObject({ triggers: ["<found> 1"], notices: [expect.stringContaining(join(deep, "9"))] });
  });

  test("a file of another kind that was asked for is named", async () => {
    const path = write(join(folder(), "model.ckpt"), bytes([1]));
    expect((await offered(path)).notices).toEqual([`${path} is not used: an embedding is a .pt, .bin, .safetensors file`]);
  });

  test("many of them are told in a few lines", async () => {
    const place = folder();
    for (let i = 0; i < 30; i++) write(join(place, `${i}.pt`), bytes([i]));
    const { notices } = await offered(place);
    expect(notices).toHaveLength(11);
    expect(notices.at(-1)).toBe("and 20 more like these");
  });

  test("values that are no numbers are refused when they are read", async () => {
    const place = folder();
    const data = new Uint8Array(Float32Array.of(1, Number.NaN).buffer);
    write(join(place, "nan.safetensors"), { "<x>": { shape: [2], data } });
    const { embeddings } = await offered(place, 2);
    await expect(embeddings[0]!.read()).rejects.toMatchObject({
      code: "embedding/unusable",
      message: expect.stringContaining("nan.safetensors"),
    });
  });
});

test("what comes with the program is no news for models that it is not for", async () => {
  const shipped = join(PACKAGE_ROOT, "configs", "embeddings");
  expect(await offered(shipped, 768)).toEqual({ triggers: [], notices: [], embeddings: [] });
});

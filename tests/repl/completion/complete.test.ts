import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parseLine } from "../../../lib/options/read.js";
import { switchesAt } from "../../../lib/options/table.js";
import { complete } from "../../../lib/repl/completion/complete.js";
import { readFolder } from "../../../lib/repl/completion/read-folder.js";
import type { CompletionSources } from "../../../lib/repl/completion/sources.js";
import { SAMPLER_NAMES } from "../../../lib/samplers/names.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

const root = await temporaryFolder();
const FILES = [
  "test-pictures/Lincoln-and-Parrot.png",
  "test-pictures/zebra.JPG",
  "test-pictures/madonna.webp",
  "test-pictures/notes.txt",
  "test-pictures/.hidden.png",
  "test-pictures/man_with_eagle/eagle.gif",
  "test-lines.txt",
  "test-log.md",
  "odd/my pic.png",
  "odd/my picture.png",
  "odd/my folder/one.png",
  "odd/it's.png",
  "models/one.safetensors",
  "models/two.ckpt",
  "models/four.pth",
  "models/five.onnx",
  "models/three.yaml",
  "outputs/000001.7.png",
  "outputs/000002.8.png",
  "outputs/sub/000003.9.png",
  "home.png",
];
for (const file of FILES) {
  mkdirSync(join(root, file, ".."), { recursive: true });
  writeFileSync(join(root, file), "");
}
symlinkSync("test-pictures", join(root, "test-link"));
symlinkSync("nowhere.png", join(root, "test-dangling.png"));

/** Relative paths start in the folder of this test. */
const sources: CompletionSources = {
  outdir: "outputs",
  switches: switchesAt("line"),
  commands: ["!fetch", "!fix", "!history", "!switch", "!search"],
  seeds: () => [123, 4829112, 45, 123],
  triggers: async () => ["<cat-toy>", "<easy>", "easynegative"],
  loras: async () => ["lineart", "line-thin", "other"],
  models: async () => [
    { name: "crayon", format: "diffusers" },
    { name: "stable-diffusion-1.5", format: "ckpt" },
    { name: "stable-inpaint", format: "diffusers" },
  ],
  readFolder: (path, wanted) => readFolder(path.startsWith("/") ? path : join(root, path), wanted, Number.POSITIVE_INFINITY),
};
const offered = async (line: string) => (await complete(line, sources))[0];

describe("paths", () => {
  test.each([
    ["zebra with a mustache -I./te", ["-I./test-link/", "-I./test-pictures/"]],
    [
      "a -I./test-pictures/",
      [
        "-I./test-pictures/Lincoln-and-Parrot.png",
        "-I./test-pictures/madonna.webp",
        "-I./test-pictures/man_with_eagle/",
        "-I./test-pictures/zebra.JPG",
      ],
    ],
    ["a -I./test-pictures/z", ["-I./test-pictures/zebra.JPG"]],
    ["a -I=./test-pictures/z", ["-I=./test-pictures/zebra.JPG"]],
    ["a -I ./test-pictures/z", ["./test-pictures/zebra.JPG"]],
    ["a --init_img ./test-pictures/z", ["./test-pictures/zebra.JPG"]],
    ["a --init_img=./test-pictures/z", ["--init_img=./test-pictures/zebra.JPG"]],
    ["a -M./test-pictures/ma", ["-M./test-pictures/madonna.webp", "-M./test-pictures/man_with_eagle/"]],
    ["a --init_color ./test-pictures/L", ["./test-pictures/Lincoln-and-Parrot.png"]],
    ["a -I./test-pictures/.h", ["-I./test-pictures/.hidden.png"]],
    ["a -o ./test-p", ["./test-pictures/"]],
    ["a -otest-pictures/", ["-otest-pictures/man_with_eagle/"]],
    ["a --outdir=o", ["--outdir=odd/", "--outdir=outputs/"]],
    ["!fix test-pictures/L", ["test-pictures/Lincoln-and-Parrot.png"]],
    ["!fetch 0000", ["000001.7.png", "000002.8.png"]],
    ["!show sub/", ["sub/000003.9.png"]],
    ["!verify h", ["home.png"]],
    ["!fix home.png -I./test-pictures/z", ["-I./test-pictures/zebra.JPG"]],
    ["!dream a -I./test-pictures/z", ["-I./test-pictures/zebra.JPG"]],
    ["!replay test-l", ["test-lines.txt", "test-link/", "test-log.md"]],
    ["!import_model models/", ["models/five.onnx", "models/four.pth", "models/one.safetensors", "models/two.ckpt"]],
    ["a -Inowhere/at/all", []],
  ])("%p offers %p", async (line, candidates) => {
    expect(await offered(line)).toEqual(candidates);
  });

  test("without a folder those of the output folder are offered too", async () => {
    expect(await offered("a -I")).toEqual(
      ["000001.7.png", "000002.8.png", "home.png", "models/", "odd/", "outputs/", "sub/", "test-link/", "test-pictures/"].map(
        (name) => `-I${name}`,
      ),
    );
  });

  test("what is replaced is the word with its switch", async () => {
    expect((await complete("a -I./test-pictures/z", sources))[1]).toBe("-I./test-pictures/z");
    expect((await complete("a -I ./test-pictures/z", sources))[1]).toBe("./test-pictures/z");
  });

  test("a tilde is the home folder and stays a tilde", async () => {
    const asked: string[] = [];
    const [candidates] = await complete("a -I~/pi", {
      ...sources,
      readFolder: async (path) => {
        asked.push(path);
        return [{ name: "pictures", isFolder: true }];
      },
    });
    expect({ candidates, asked }).toEqual({ candidates: ["-I~/pictures/"], asked: [`${homedir()}/`] });
  });

  test.each([
    ["a -Iodd/my", ['-I"odd/my folder/', '-I"odd/my pic.png"', '-I"odd/my picture.png"']],
    ['a -I"odd/my pict', ['-I"odd/my picture.png"']],
    ['a -I "odd/my f', ['"odd/my folder/']],
    ["a -I odd/it", ['"odd/it\'s.png"']],
  ])("%p is completed in quotation marks", async (line, candidates) => {
    expect(await offered(line)).toEqual(candidates);
  });

  test.each([
    ["a -Iodd/it", "odd/it's.png"],
    ['a -I"odd/my pict', "odd/my picture.png"],
    ['a -I "odd/my pict', "odd/my picture.png"],
    ["a -M odd/my", "odd/my folder/"],
  ])("the line that %p becomes is read as the path %p", async (line, path) => {
    const [[word = ""], replaced] = await complete(line, sources);
    const completed = line.slice(0, line.length - replaced.length) + word;
    const { initImg, initMask } = parseLine(completed.endsWith("/") ? `${completed}"` : completed);
    expect(initImg ?? initMask).toBe(path);
  });

  test("a name that could press Enter is not offered", async () => {
    writeFileSync(join(root, "models", "evil\n.safetensors"), "");
    expect(await offered("!import_model models/e")).toEqual([]);
  });
});

describe("values", () => {
  test.each([
    ["a -Ak_dpmpp_2", ["-Ak_dpmpp_2", "-Ak_dpmpp_2_a", "-Ak_dpmpp_2m_sde"]],
    ["a -A k_h", ["k_heun"]],
    ["a -m uni", ["unipc"]],
    ["a --sampler=dd", ["--sampler=ddim"]],
    ["a --sampler dd", ["ddim"]],
    ["a --rng cu", ["cuda"]],
    ["a -S", ["-S123", "-S45", "-S4829112"]],
    ["a -S4", ["-S45", "-S4829112"]],
    ["a --seed 12", ["123"]],
    ["a --seed=48", ["--seed=4829112"]],
    ["a -S 9", []],
  ])("%p offers %p", async (line, candidates) => {
    expect(await offered(line)).toEqual(candidates);
  });

  test("-A alone offers every sampler", async () => {
    expect(await offered("a -A ")).toEqual(expect.arrayContaining([...SAMPLER_NAMES]));
  });
});

describe("words of a prompt", () => {
  test.each([
    ["a <", ["<cat-toy>", "<easy>"], "<"],
    ["a <cat-t", ["<cat-toy>"], "<cat-t"],
    ["a withLora", ["withLora(line-thin,1)", "withLora(lineart,1)", "withLora(other,1)"], "withLora"],
    ["a withLora(linea", ["withLora(lineart,1)"], "withLora(linea"],
    ["a useLora(o", ["useLora(other,1)"], "useLora(o"],
    ["a cat", [], ""],
    ["it's 12\" of te", [], ""],
  ])("%p offers %p", async (line, candidates, replaced) => {
    expect(await complete(line, sources)).toEqual([candidates, replaced]);
  });
});

describe("commands and switches", () => {
  test.each([
    ["!f", ["!fetch", "!fix"]],
    ["!switch st", ["stable-diffusion-1.5", "stable-inpaint"]],
    ["!edit_model c", ["crayon"]],
    ["!optimize_model ", ["stable-diffusion-1.5"]],
    ["!del_model ", ["crayon", "stable-diffusion-1.5", "stable-inpaint"]],
    ["!help s", ["search", "switch"]],
    ["!help !s", ["!search", "!switch"]],
    ["a --init_m", ["--init_mask"]],
    ["a --karras", ["--karras_max"]],
    ["a --no-g", ["--no-grid"]],
  ])("%p offers %p", async (line, candidates) => {
    expect(await offered(line)).toEqual(candidates);
  });

  test("an empty word offers all of them, sorted", async () => {
    const all = await offered("");
    expect(all).toEqual([...all].sort());
    expect(all).toEqual(expect.arrayContaining(["!fetch", "--seed", "-A"]));
    expect(await offered("a cat ")).toEqual(all);
  });

  test("switches that are given at launch alone are not offered", async () => {
    expect(await offered("a --from_f")).toEqual([]);
  });
});

describe("dialogues", () => {
  test("one that asks for a model's file is offered nothing else, and no quotation marks", async () => {
    expect(await complete("odd/my f", sources, "model-file")).toEqual([["odd/my folder/"], "odd/my f"]);
    expect((await complete("-", sources, "model-file"))[0]).toEqual([]);
  });
});

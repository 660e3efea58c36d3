import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { readPngText } from "../../../lib/images/metadata/png-text.js";
import { decodePicture } from "../../../lib/images/pixels/decode-picture.js";
import { encodePng } from "../../../lib/images/pixels/encode-png.js";
import { runProgram } from "../../support/run-program.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

/* The commands about pictures in the whole program, with the built-in model. */

const folder = await temporaryFolder();
const run = (outdir: string, lines: readonly string[]) =>
  runProgram(["-o", join(folder, outdir), "--from_file", "-"], { lines: lines.join("\n") });

test("what was drawn is drawn again, pixel for pixel; what was edited is found", async () => {
  const drawn = [
    "a red circle [blue] -s2 -S7 -W64 -H64",
    "a red circle:2 a dog:1 -s2 -S7 -W64 -H64 -Ak_euler_a -v0.3 --variation_seed 9",
    "a red circle -s2 -S7 -W64 -H64 --seamless_axes x --karras_max 20 --rng cuda -V 5:0.2",
    "a red circle -s2 -S8 -W64 -H64 -n2 -g",
    "a {red|blue} circle -s2 -S9 -W64 -H64",
  ];
  const names = ["000001.7", "000002.9", "000003.5", "000004.8", "000005.9", "000005.9-01"];
  const first = await run("verify", [...drawn, ...names.map((name) => `!verify ${name}.png`), "!stats"]);
  expect({ status: first.status, errors: first.errors }).toEqual({ status: 0, errors: "" });
  expect(first.output.match(/: identical$/gm)).toHaveLength(names.length);
  expect(first.output).toMatch(/^pictures drawn +14$/m);
  expect(first.output).toMatch(/^last picture +\d+\.\d\ds: prompt .*, sampling .*, decoding .*$/m);
  expect(first.output).toMatch(/^model in use +crayon: SD 1\.x/m);

  const path = join(folder, "verify", "000001.7.png");
  const bytes = readFileSync(path);
  const picture = await decodePicture(bytes, path);
  picture.rgb[0] = 255 - picture.rgb[0]!;
  writeFileSync(path, await encodePng(picture, readPngText(bytes, path)));
  const second = await run("verify", ["!verify 000001.7.png"]);
  expect(second.status).toBe(1);
  expect(second.output).toMatch(/000001\.7\.png: 1 of 4096 pixels differ, mean [\d.]+\/255, largest \d+\/255\n>> /);
});

test("a picture is enlarged, fetched, listed and drawn again from its list", async () => {
  const { status, output, errors } = await run("fix", [
    "a red circle -s2 -S7 -W64 -H64",
    "!fix 000001.7.png -U2",
    "!fetch 000002.7.upscale-00.png",
    "!fetch *.png all.txt",
    `!replay ${join(folder, "fix", "all.txt")}`,
    "!show 000002.7.upscale-00.png",
  ]);
  expect({ status, errors }).toEqual({ status: 0, errors: "" });
  const command = '"a red circle" -s 2 -S 7 -W 64 -H 64 -C 5.0 -A k_dpmpp_2 # model_id=crayon';
  expect(output).toContain(">> the picture was changed afterwards: upscale (crisp)");
  expect(output).toContain(`\n# ${command}\n`);
  expect(output).toMatch(/000002\.7\.upscale-00\.png: 128×128 pixels, PNG/);
  const [one, three, four] = ["000001.7", "000003.7", "000004.7"].map((name) => readFileSync(join(folder, "fix", `${name}.png`)));
  expect(three?.equals(one as Buffer)).toBe(true);
  expect(four?.equals(one as Buffer)).toBe(true);
});

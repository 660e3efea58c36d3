import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { decodePicture } from "../../../lib/images/pixels/decode-picture.js";
import { encodePng } from "../../../lib/images/pixels/encode-png.js";
import { PACKAGE_ROOT } from "../../../lib/package-root.js";
import { FACES } from "../../oracles/read-faces.js";
import { brightened, drawFaces } from "../../support/drawn-faces.js";
import { runProgram } from "../../support/run-program.js";
import { temporaryFolder } from "../../support/temporary-folder.js";

/* -G in the whole program, with the built-in model and the networks of tests/oracles/faces. */

const folder = await temporaryFolder();
const registry = join(folder, "models.yaml");
const levels = async (name: string) => (await decodePicture(readFileSync(join(folder, name)), name)).rgb;

test("a kept face is restored, verified, and restored again by !fix", async () => {
  const { picture } = drawFaces(64, 64, [{ nose: [28, 30], eyes: 12, angle: 0.2 }]);
  // The right border is painted, and the face lies far from it.
  const kept = {
    width: 64,
    height: 64,
    rgb: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (Math.floor(i / 3) % 64 < 62 ? 255 : 0)),
  };
  writeFileSync(join(folder, "face.png"), await encodePng(picture, []));
  writeFileSync(join(folder, "kept.png"), await encodePng(kept, []));
  writeFileSync(
    registry,
    `crayon: { path: ${join(PACKAGE_ROOT, "configs", "models", "crayon")}, format: diffusers }
eyes: { kind: face_detector, path: ${join(FACES, "retinaface.onnx")} }
skin: { kind: face_restorer, path: ${join(FACES, "gfpgan.onnx")} }
`,
  );
  const lines = [
    "a face -I face.png -M kept.png -s1 -S7 -Ak_euler -G 1 -save_orig",
    "!verify 000001.7.postprocessed.png",
    "!fix 000001.7.png -G 0.5",
    "!fix kept.png -G 1",
  ];
  const { output, errors, status } = await runProgram(["-o", folder, "--config", registry, "--from_file", "-"], {
    lines: lines.join("\n"),
  });
  expect({ errors, status }).toEqual({
    errors: expect.stringMatching(/^\*\* no face was found in .*kept\.png: nothing was written$/m),
    status: 1,
  });
  expect(output).toMatch(/000001\.7\.postprocessed\.png: identical$/m);
  expect(output.match(/^>> 1 face restored$/gm)).toHaveLength(3);
  const [drawn, whole, half] = await Promise.all(["000001.7.png", "000001.7.postprocessed.png", "000002.7.gfpgan-00.png"].map(levels));
  const skin = (30 * 64 + 23) * 3;
  expect(drawn![skin]).toBe(picture.rgb[skin]);
  expect(Math.abs(whole![skin]! - brightened(picture.rgb[skin]!))).toBeLessThanOrEqual(1);
  expect([...half!]).toEqual([...drawn!].map((level, i) => Math.round(level + (whole![i]! - level) * 0.5)));
});

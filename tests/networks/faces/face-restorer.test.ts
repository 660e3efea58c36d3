import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { openFaceRestorer } from "../../../lib/networks/faces/face-restorer.js";
import { openSessions } from "../../../lib/onnx/open-sessions.js";
import { FACES } from "../../oracles/read-faces.js";
import { ORACLES } from "../../oracles/read-oracle.js";
import { brightened } from "../../support/drawn-faces.js";

const face = { width: 512, height: 512, rgb: Uint8Array.from({ length: 512 * 512 * 3 }, (_, i) => (i * 7) % 256) };

/** Levels of one run, and what the network says about itself. */
async function restored(name: string, fidelity: number) {
  const { side, takesFidelity, restore, release } = await openFaceRestorer(path.join(FACES, name), 1);
  const { rgb } = await restore(face, fidelity);
  await release();
  return { side, takesFidelity, levels: [...rgb.slice(0, 600)] };
}

test("GFPGAN's form: −1 … 1, red first, in and out", async () => {
  const { side, takesFidelity, levels } = await restored("gfpgan.onnx", 0);
  expect({ side, takesFidelity }).toEqual({ side: 512, takesFidelity: false });
  expect(levels).toEqual([...face.rgb.slice(0, 600)].map(brightened));
});

test("CodeFormer's form: w is given as a number of its own", async () => {
  const similar = await restored("codeformer.onnx", 1);
  expect(similar.takesFidelity).toBe(true);
  expect(similar.levels).toEqual([...face.rgb.slice(0, 600)]);
  expect(new Set((await restored("codeformer.onnx", 0)).levels)).toEqual(new Set([191]));
});

describe("what is no restorer", () => {
  test("weights without their graph", async () => {
    await expect(openFaceRestorer(path.join(ORACLES, "miniatures", "sd1-fp16.safetensors"), 1)).rejects.toMatchObject({
      code: "face/unsupported",
      message: expect.stringMatching(
        /sd1-fp16\.safetensors holds weights alone, and networks about faces are run as somebody exported them$/,
      ),
    });
    await expect(openFaceRestorer("nowhere.onnx", 1)).rejects.toMatchObject({ code: "model/not-found" });
  });

  test.each([
    ["a detector's three outputs do not matter, but its free size gives no face", "retinaface.onnx", "no face of 512×512 pixels"],
    ["a text encoder", "../onnx-folder/optimum/text_encoder/model.onnx", "it takes input_ids"],
  ])("%s", async (_name, file, sentence) => {
    const sessions = openSessions();
    const attempt = async () => {
      const restorer = await openFaceRestorer(path.join(FACES, file), 1);
      try {
        await restorer.restore(face, 0);
      } finally {
        await restorer.release();
      }
    };
    await expect(attempt()).rejects.toMatchObject({ code: "face/unsupported", message: expect.stringContaining(sentence) });
    expect(openSessions()).toBe(sessions);
  });

  test("an upscaler of another fixed size than a square of 64 pixels and more", async () => {
    const restorer = await openFaceRestorer(path.join(ORACLES, "upscalers", "compact-x2-fixed.onnx"), 1);
    const { side } = restorer;
    await expect(restorer.restore({ width: side, height: side, rgb: new Uint8Array(side * side * 3) }, 0)).rejects.toMatchObject({
      message: expect.stringContaining("no face of 72×72 pixels"),
    });
    await restorer.release();
  });
});

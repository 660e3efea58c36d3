import { expect, test } from "@jest/globals";
import type { UNet } from "../../lib/networks/network-sessions.js";
import { guidedPredictor } from "../../lib/pipeline/guidance.js";

interface Call {
  readonly sample: Float32Array;
  readonly context: Float32Array;
  readonly batch: number;
}

/** A U-Net that answers the first context value of each pass, and remembers what it was asked. */
function recordingUNet(): { unet: UNet; calls: Call[] } {
  const calls: Call[] = [];
  const unet: UNet = {
    async predict(sample, _timestep, context, { batch, height, width }) {
      calls.push({ sample: sample.slice(), context: context.slice(), batch });
      const area = 4 * height * width;
      return Float32Array.from({ length: batch * area }, (_, i) => context[Math.floor(i / area) * 77] as number);
    },
    async prepare() {},
    async release() {},
  };
  return { unet, calls };
}

const positive = new Float32Array(77).fill(3);
const negative = new Float32Array(77).fill(1);
const latents = Float32Array.from({ length: 16 }, (_, i) => i);

test("both passes go in one call, the negative one first, and are combined by the scale", async () => {
  const { unet, calls } = recordingUNet();
  const predict = guidedPredictor(unet, { positive, negative, scale: 7.5 }, { channels: 4, height: 2, width: 2 });
  const output = await predict(latents, 500);
  expect([...output]).toEqual(new Array(16).fill(1 + 7.5 * (3 - 1)));
  expect(calls).toHaveLength(1);
  expect(calls[0]!.batch).toBe(2);
  expect([...calls[0]!.sample]).toEqual([...latents, ...latents]);
});

test("scale 1 asks the conditional pass alone", async () => {
  const { unet, calls } = recordingUNet();
  const predict = guidedPredictor(unet, { positive, negative, scale: 1 }, { channels: 4, height: 2, width: 2 });
  expect([...(await predict(latents, 500))]).toEqual(new Array(16).fill(3));
  expect(calls).toMatchObject([{ batch: 1, context: positive }]);
});

test("an inpainting U-Net is given a mask of ones and an empty picture", async () => {
  const { unet, calls } = recordingUNet();
  const predict = guidedPredictor(unet, { positive, negative, scale: 2 }, { channels: 9, height: 2, width: 2 });
  await predict(latents, 500);
  const pass = [...latents, 1, 1, 1, 1, ...new Array(16).fill(0)];
  expect([...calls[0]!.sample]).toEqual([...pass, ...pass]);
});

test("a context of several windows goes to the U-Net whole", async () => {
  const { unet } = recordingUNet();
  const asked: unknown[] = [];
  const recording: UNet = {
    ...unet,
    async predict(sample, _timestep, context, shape) {
      asked.push([context.length, shape]);
      return sample;
    },
  };
  const long = { positive: new Float32Array(154), negative: new Float32Array(154), tokens: 154, scale: 2 };
  await guidedPredictor(recording, long, { channels: 4, height: 2, width: 2 })(latents, 500);
  expect(asked).toEqual([[308, { batch: 2, height: 2, width: 2, tokens: 154 }]]);
});

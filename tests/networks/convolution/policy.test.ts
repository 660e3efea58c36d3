import { expect, test } from "@jest/globals";
import { kernelBytes, kernelForm } from "../../../lib/networks/convolution/kernel-forms.js";
import { type ConvolutionSite, fastConvolutions, leanConvolutions } from "../../../lib/networks/convolution/policy.js";

const site = (side: number, inChannels: number, outChannels: number, stride: 1 | 2 = 1): ConvolutionSite => ({
  batch: 2,
  height: side,
  width: side,
  inChannels,
  outChannels,
  stride,
});

test.each([
  ["a wide map", site(64, 320, 320), "winograd4"],
  ["a middling map", site(16, 1280, 1280), "winograd2"],
  ["a small map with enough tiles", site(8, 1280, 1280), "winograd2"],
  ["the deepest map", site(4, 1280, 1280), "im2col"],
  ["a stride", site(32, 320, 320, 2), "im2col"],
  ["few inputs", site(64, 4, 320), "im2col"],
  ["few outputs", site(64, 320, 4), "taps-first"],
  ["few outputs with a stride", site(32, 8, 8, 2), "im2col"],
])("the fast policy computes %s as expected", (_, where, form) => {
  expect(kernelForm(fastConvolutions(where))).toBe(form);
});

test("the lean policy never takes more weight memory than the fast one", () => {
  for (const side of [8, 16, 32, 64]) {
    for (const channels of [320, 640, 960, 1280, 2560]) {
      const where = site(side, channels, Math.min(channels, 1280));
      const bytes = [leanConvolutions, fastConvolutions].map((policy) =>
        kernelBytes(kernelForm(policy(where)), where.outChannels, channels),
      );
      expect(bytes[0]).toBeLessThanOrEqual(bytes[1] as number);
    }
  }
});

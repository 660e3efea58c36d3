import path from "node:path";
import { describe, expect, test } from "@jest/globals";
import { controlGroupPath, parseKilobytes } from "../../lib/engine/available-memory.js";
import { chooseMemoryMode, estimateMemory } from "../../lib/engine/memory.js";
import { openModel } from "../../lib/models/open-model.js";
import { MINIATURES } from "../oracles/read-oracle.js";

const SIZE = { width: 512, height: 512 };
const model = openModel(path.join(MINIATURES, "sd1"));

describe("the mode", () => {
  test("is the fast one where it fits", async () => {
    expect(chooseMemoryMode(await model, SIZE, "auto", 64e9)).toEqual({ mode: "fast" });
  });

  test("is the lean one, and says why, where only that fits", async () => {
    const lean = estimateMemory(await model, SIZE, "lean");
    const choice = chooseMemoryMode(await model, SIZE, "auto", lean);
    expect(choice.mode).toBe("lean");
    expect(choice.notice).toMatch(/^using the lean mode: the fast one needs about \d+\.\d GB of memory and \d+\.\d GB are available$/);
  });

  test("is refused with the estimate where nothing fits", async () => {
    const opened = await model;
    const code = "memory/predicted";
    expect(() => chooseMemoryMode(opened, SIZE, "auto", 1e8)).toThrow(
      expect.objectContaining({
        code,
        message: expect.stringMatching(/^512×512 needs about \d+\.\d GB of memory with this model and 0\.1 GB are/),
      }),
    );
    const between = (estimateMemory(opened, SIZE, "lean") + estimateMemory(opened, SIZE, "fast")) / 2;
    expect(() => chooseMemoryMode(opened, SIZE, "fast", between)).toThrow(expect.objectContaining({ code }));
  });
});

test("a larger picture needs more", async () => {
  const opened = await model;
  expect(estimateMemory(opened, { width: 1024, height: 1024 }, "lean")).toBeGreaterThan(2 * estimateMemory(opened, SIZE, "lean") - 2e8);
});

test("a picture that begins with another one needs the encoder's weights as well", async () => {
  const opened = await model;
  if (opened.layout === "onnx") throw new Error("the miniature has weights");
  const { weights } = opened.vae;
  const encoder = [...weights.keys()].filter((key) => /^(encoder|quant_conv)\./.test(key));
  const bytes = encoder.reduce((sum, key) => sum + 4 * (weights.get(key)?.shape.reduce((product, side) => product * side, 1) ?? 0), 0);
  for (const mode of ["fast", "lean"] as const) {
    const more = estimateMemory(opened, { ...SIZE, encodes: true }, mode) - estimateMemory(opened, SIZE, mode);
    expect(more).toBeGreaterThanOrEqual(bytes);
    expect(more).toBeLessThan(5 * bytes);
  }
});

test("a picture whose prompt swaps words needs half as much again for what lives in the U-Net", async () => {
  const opened = await model;
  if (opened.layout === "onnx") throw new Error("the miniature has weights");
  // So few channels that the VAE would decide otherwise.
  const wide = { ...opened.unet, config: { ...opened.unet.config, blockOutChannels: [320, 8, 12, 12] } };
  const estimate = (swaps: boolean) => estimateMemory({ ...opened, unet: wide }, { ...SIZE, swaps }, "lean");
  const without = estimateMemory({ ...opened, unet: { ...wide, config: opened.unet.config } }, { width: 8, height: 8 }, "lean");
  expect((estimate(true) - without) / (estimate(false) - without)).toBeCloseTo(1.5, 1);
});

describe("available memory", () => {
  test("is read from the kernel's tables", () => {
    expect(parseKilobytes("MemFree:  1 kB\nMemAvailable:   22861752 kB\n", "MemAvailable")).toBe(22861752 * 1024);
    expect(parseKilobytes("MemFree:  1 kB\n", "MemAvailable")).toBeUndefined();
  });

  test.each([
    ["0::/user.slice/a:b\n", "", "/user.slice/a:b"],
    ["9:cpu,memory:/docker/x\n0::/\n", "memory", "/docker/x"],
    ["9:cpu:/docker/x\n", "memory", undefined],
  ])("finds the control group in %j", (membership, controller, expected) => {
    expect(controlGroupPath(membership, controller)).toBe(expected);
  });
});

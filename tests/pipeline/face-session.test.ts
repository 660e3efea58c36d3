import { copyFileSync, utimesSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, describe, expect, test } from "@jest/globals";
import type { FaceJob } from "../../lib/engine/protocol.js";
import { openSessions } from "../../lib/onnx/open-sessions.js";
import { FaceSession } from "../../lib/pipeline/face-session.js";
import { FACES } from "../oracles/read-faces.js";
import { drawFaces, type FaceToDraw } from "../support/drawn-faces.js";
import { temporaryFolder } from "../support/temporary-folder.js";

const folder = await temporaryFolder();
const notices: string[] = [];
const steps: string[] = [];
const report = {
  signal: new AbortController().signal,
  notice: (text: string) => notices.push(text),
  step: (step: number, all: number) => steps.push(`${step}/${all}`),
};
/** A restorer of 64 pixels, which takes less time than one of 512. */
const INVERTING = path.join(FACES, "hostile", "small.onnx");
/** Its networks stay open from test to test. */
const shared = new FaceSession();
const sessions: FaceSession[] = [];
const open = () => {
  const session = new FaceSession();
  sessions.push(session);
  return session;
};
const picture = (faces: readonly FaceToDraw[], width = 180, height = 120) => drawFaces(width, height, faces).picture;
const one: readonly FaceToDraw[] = [{ nose: [70, 60], eyes: 20, angle: 0.3 }];
const job = (overrides: Partial<FaceJob> = {}): FaceJob => ({
  detector: path.join(FACES, "retinaface.onnx"),
  restorer: INVERTING,
  picture: picture(one),
  strength: 1,
  threads: 1,
  ...overrides,
});
const levelAt = ({ width, rgb }: { width: number; rgb: Uint8Array }, x: number, y: number) => [
  ...rgb.slice((y * width + x) * 3, (y * width + x) * 3 + 3),
];

afterEach(async () => {
  delete process.env.DREAM_AVAILABLE_MEMORY;
  notices.length = 0;
  steps.length = 0;
  for (const session of sessions.splice(0)) await session.release();
});

afterAll(() => shared.release());

describe("a face", () => {
  test("becomes what the network makes of it, everything else stays bit for bit", async () => {
    const before = job();
    const { image, restored } = await shared.restore(before, report);
    expect(restored).toBe(1);
    expect(steps).toEqual(["1/2", "2/2"]);
    // On the skin beside the nose.
    const skin = levelAt(before.picture, 62, 62);
    for (const [channel, level] of levelAt(image, 62, 62).entries())
      expect(Math.abs(level - (255 - skin[channel]!))).toBeLessThanOrEqual(1);
    const changed = [...image.rgb].flatMap((level, i) => (level === before.picture.rgb[i] ? [] : [Math.floor(i / 3) % 180]));
    expect(Math.max(...changed)).toBeLessThan(70 + 20 * 3);
    expect(changed.length).toBeGreaterThan(500);
  });

  test("is mixed with the picture below strength 1", async () => {
    const whole = (await shared.restore(job(), report)).image;
    const half = (await shared.restore(job({ strength: 0.5 }), report)).image;
    const none = (await shared.restore(job({ strength: 0 }), report)).image;
    const before = job().picture;
    expect(none.rgb).toEqual(before.rgb);
    expect([...half.rgb]).toEqual([...before.rgb].map((level, i) => Math.round(level + (whole.rgb[i]! - level) * 0.5)));
  });

  test("is restored for itself where there are several", async () => {
    const faces: FaceToDraw[] = [
      { nose: [40, 50], eyes: 20 },
      { nose: [140, 60], eyes: 20, angle: 1 },
    ];
    const before = picture(faces);
    const { image, restored } = await shared.restore(job({ picture: before }), report);
    expect(restored).toBe(2);
    for (const [x, y] of [
      [48, 52],
      [135, 62],
    ] as const) {
      expect(Math.abs(levelAt(image, x, y)[0]! - (255 - levelAt(before, x, y)[0]!))).toBeLessThanOrEqual(1);
    }
    expect(levelAt(image, 90, 5)).toEqual(levelAt(before, 90, 5));
  });

  test("at the border is restored as far as it can be seen", async () => {
    const before = picture([{ nose: [16, 18], eyes: 20 }]);
    const { image, restored } = await shared.restore(job({ picture: before }), report);
    expect(restored).toBe(1);
    // Beside the nose, and in the corner of the picture, where the edge of the picture is no edge of the face.
    expect(Math.abs(levelAt(image, 20, 22)[0]! - (255 - levelAt(before, 20, 22)[0]!))).toBeLessThanOrEqual(1);
    expect(levelAt(image, 0, 20)).not.toEqual(levelAt(before, 0, 20));
  });
});

test("CodeFormer hears how similar the face is to be", async () => {
  const restorer = path.join(FACES, "codeformer.onnx");
  const before = job().picture;
  const similar = (await shared.restore(job({ restorer, fidelity: 1 }), report)).image;
  const fine = (await shared.restore(job({ restorer, fidelity: 0 }), report)).image;
  expect(levelAt(fine, 62, 62)).toEqual([191, 191, 191]);
  for (const [channel, level] of levelAt(before, 62, 62).entries())
    expect(Math.abs(levelAt(similar, 62, 62)[channel]! - level)).toBeLessThanOrEqual(1);
});

describe("left as it is", () => {
  test("a picture without a face; the restorer is not even opened", async () => {
    const before = picture([]);
    const session = open();
    const count = openSessions();
    const result = await session.restore(job({ picture: before, restorer: "nowhere.onnx" }), report);
    expect(result).toMatchObject({ restored: 0, tooSmall: 0, tooMany: 0 });
    expect(result.image.rgb).toEqual(before.rgb);
    expect(openSessions()).toBe(count + 1);
  });

  test("a face with less than 5 pixels between the eyes", async () => {
    const before = picture([{ nose: [60, 60], eyes: 4 }], 128, 128);
    const result = await shared.restore(job({ picture: before }), report);
    expect(result).toMatchObject({ restored: 0, tooSmall: 1 });
    expect(result.image.rgb).toEqual(before.rgb);
  });
});

describe("networks", () => {
  test("stay open until their files are others", async () => {
    const restorer = path.join(folder, "restorer.onnx");
    copyFileSync(INVERTING, restorer);
    const session = open();
    const count = openSessions();
    await session.restore(job({ restorer }), report);
    await session.restore(job({ restorer }), report);
    expect(openSessions()).toBe(count + 2);
    copyFileSync(path.join(FACES, "codeformer.onnx"), restorer);
    utimesSync(restorer, 1, 1);
    expect(levelAt((await session.restore(job({ restorer, fidelity: 0 }), report)).image, 62, 62)).toEqual([191, 191, 191]);
    expect(openSessions()).toBe(count + 2);
    await session.release();
    expect(openSessions()).toBe(count);
  });

  test("a CodeFormer that is registered as a GFPGAN is refused", async () => {
    await expect(shared.restore(job({ restorer: path.join(FACES, "codeformer.onnx") }), report)).rejects.toMatchObject({
      code: "face/unsupported",
      message: expect.stringContaining("it is a CodeFormer (type: codeformer) and no GFPGAN"),
    });
  });

  test("a CodeFormer without w says that it does not listen", async () => {
    await shared.restore(job({ fidelity: 0.5 }), report);
    expect(notices).toEqual([expect.stringMatching(/small\.onnx takes no fidelity: -cf changes nothing$/)]);
  });

  test("what would not fit into memory is refused before it is begun", async () => {
    process.env.DREAM_AVAILABLE_MEMORY = String(5e8);
    const count = openSessions();
    await expect(open().restore(job(), report)).rejects.toMatchObject({
      code: "memory/predicted",
      message: "restoring faces in 180×120 pixels needs about 0.9 GiB, more than is free",
    });
    expect(openSessions()).toBe(count);
  });
});

test("can be stopped between two faces", async () => {
  const abort = new AbortController();
  const faces: FaceToDraw[] = [
    { nose: [40, 50], eyes: 20 },
    { nose: [140, 60], eyes: 20 },
  ];
  const stopping = { ...report, signal: abort.signal, step: (step: number) => void (step === 2 && abort.abort(new Error("stopped"))) };
  await expect(shared.restore(job({ picture: picture(faces) }), stopping)).rejects.toThrow("stopped");
});

import { describe, expect, test } from "@jest/globals";
import { priorBoxes, readRetinaFace } from "../../../lib/networks/faces/retina-face.js";
import type { OutputTensor } from "../../../lib/onnx/exported-graph.js";
import { faceRows } from "../../oracles/read-faces.js";

const EXTENT = { width: 96, height: 64 };
const ROWS = 252;
const tensor = (name: string, columns: number): OutputTensor => ({
  name,
  shape: [1, ROWS, columns],
  data: Float32Array.from(faceRows(name, columns).flat()),
});
const outputs = [tensor("loc", 4), tensor("conf", 2), tensor("landms", 10)];

test("the prior boxes are facexlib's", () => {
  const got = [...priorBoxes(EXTENT)].map(({ x, y, side }) => [x, y, side, side]);
  for (const [i, row] of faceRows("priors", 4).entries()) {
    for (const [j, value] of row.entries()) expect(got[i]![j]).toBeCloseTo(value, 4);
  }
  expect(got).toHaveLength(ROWS);
});

test("boxes and landmarks are decoded as facexlib does", () => {
  const scores = faceRows("conf", 2).map(([, score]) => score!);
  const sure = scores.flatMap((score, row) => (score > 0.97 ? [row] : []));
  const faces = readRetinaFace(outputs, EXTENT);
  if (typeof faces === "string") throw new Error(faces);
  expect(sure.length).toBeGreaterThan(20);
  expect(faces).toHaveLength(sure.length);
  const [boxes, points] = [faceRows("boxes", 4), faceRows("points", 10)];
  for (const [i, { score, box, landmarks }] of faces.entries()) {
    const row = sure[i]!;
    expect(score).toBe(scores[row]);
    for (const [j, corner] of box.entries()) expect(Math.abs(corner - boxes[row]![j]!)).toBeLessThan(1e-2);
    for (const [j, value] of landmarks.flat().entries()) expect(Math.abs(value - points[row]![j]!)).toBeLessThan(1e-3);
  }
});

test("the order of the outputs does not matter", () => {
  expect(readRetinaFace([...outputs].reverse(), EXTENT)).toEqual(readRetinaFace(outputs, EXTENT));
});

test("an export that ends before the softmax says the same", () => {
  const logits = { ...outputs[1]!, data: outputs[1]!.data.map((share) => Math.log(share) + 5) };
  const [ours, theirs] = [readRetinaFace([outputs[0]!, logits, outputs[2]!], EXTENT), readRetinaFace(outputs, EXTENT)];
  if (typeof ours === "string" || typeof theirs === "string") throw new Error("not read");
  expect(ours.map(({ box }) => box)).toEqual(theirs.map(({ box }) => box));
});

describe("what is no RetinaFace", () => {
  const [loc, conf, landms] = outputs as [OutputTensor, OutputTensor, OutputTensor];
  test.each([
    ["two outputs", [loc, conf], "three outputs of 4, 2 and 10 columns"],
    ["136 columns for landmarks", [loc, conf, { ...landms, shape: [1, ROWS, 136] }], "three outputs of 4, 2 and 10 columns"],
    ["another number of boxes", [{ ...loc, data: loc.data.slice(4) }, conf, landms], "it gives 251 boxes for 96×64 pixels"],
    ["scores that are no numbers", [loc, { ...conf, data: conf.data.map(() => Number.NaN) }, landms], "its scores are no numbers"],
  ])("%s", (_name, given, sentence) => {
    expect(readRetinaFace(given, EXTENT)).toContain(sentence);
  });
});

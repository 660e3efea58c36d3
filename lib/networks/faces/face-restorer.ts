import { DreamError } from "../../errors.js";
import type { RgbPicture } from "../../images/pixels/encode-png.js";
import { ExportedGraph, type PortDescription } from "../../onnx/exported-graph.js";
import { describePorts, isFixedSide, isPicturePort } from "../picture-port.js";
import { exportedFile } from "./exported-file.js";

/** Pixels a side of a face where the graph leaves it open: what GFPGAN and CodeFormer were trained with. */
const USUAL_SIDE = 512;
/** Sides that a graph may ask for. */
const SIDES = { least: 64, most: 2048 };

/** A network that draws an upright face anew. */
export interface FaceRestorer {
  /** Pixels of the square that a face is restored in. */
  readonly side: number;
  /** Whether it can be told how similar the new face is to the old one, as CodeFormer can. */
  readonly takesFidelity: boolean;
  /**
   * @param face of `side`·`side` pixels
   * @param fidelity 0 for the finest face, 1 for the most similar one; counts only where it is taken
   * @throws DreamError face/unsupported when what comes out is no such face
   */
  restore(face: RgbPicture, fidelity: number): Promise<RgbPicture>;
  release(): Promise<void>;
}

/**
 * A restorer that somebody exported: the face (1, 3, side, side) goes in as −1 … 1, red first, and the first output is the new one. A second
 * input of one number is CodeFormer's w.
 *
 * @param path an .onnx file, or a folder with `model.onnx`
 * @throws DreamError face/unsupported, model/*
 */
export async function openFaceRestorer(path: string, threads: number): Promise<FaceRestorer> {
  const graph = await ExportedGraph.open(exportedFile(path), { threads, releaseScratch: true });
  try {
    const picture = graph.inputs.find(isPicturePort);
    const others = graph.inputs.filter((port) => port !== picture);
    const [fidelityPort] = others;
    if (picture === undefined || others.length > 1 || !others.every(isNumber)) {
      throw unsupported(path, `it takes ${describePorts(graph.inputs)} and gives ${describePorts(graph.outputs)}`);
    }
    const side = sideOf(picture, path);
    return {
      side,
      takesFidelity: fidelityPort !== undefined,
      restore: async (face, fidelity) => {
        const feeds = { [picture.name]: { data: toPlanes(face), shape: [1, 3, side, side] } };
        const weight = fidelityPort && { [fidelityPort.name]: { data: Float32Array.of(fidelity), shape: fidelityPort.shape.map(() => 1) } };
        const restored = await graph.run({ ...feeds, ...weight });
        if (restored.length !== 3 * side * side) throw unsupported(path, `what comes out of it is no face of ${side}×${side} pixels`);
        if (restored.some(Number.isNaN)) throw unsupported(path, "what comes out of it are no numbers; its file is damaged");
        return fromPlanes(restored, side);
      },
      release: () => graph.release(),
    };
  } catch (failure) {
    await graph.release();
    throw failure;
  }
}

function isNumber({ shape }: PortDescription): boolean {
  return shape.length <= 1 && shape.every((side) => !isFixedSide(side) || side === 1);
}

/** @throws DreamError face/unsupported */
function sideOf({ shape }: PortDescription, path: string): number {
  const [, , height, width] = shape;
  if (!isFixedSide(height) && !isFixedSide(width)) return USUAL_SIDE;
  if (isFixedSide(height) && height === width && height >= SIDES.least && height <= SIDES.most) return height;
  throw unsupported(path, `it takes faces of ${width}×${height} pixels, and they must be squares of ${SIDES.least} to ${SIDES.most}`);
}

function toPlanes({ width, height, rgb }: RgbPicture): Float32Array {
  const area = width * height;
  const planes = new Float32Array(3 * area);
  for (let place = 0; place < area; place++) {
    for (let channel = 0; channel < 3; channel++) planes[channel * area + place] = rgb[place * 3 + channel]! / 127.5 - 1;
  }
  return planes;
}

function fromPlanes(planes: Float32Array, side: number): RgbPicture {
  const area = side * side;
  // The clamped array rounds and clamps.
  const rgb = new Uint8ClampedArray(3 * area);
  for (let place = 0; place < area; place++) {
    for (let channel = 0; channel < 3; channel++) rgb[place * 3 + channel] = (planes[channel * area + place]! + 1) * 127.5;
  }
  return { width: side, height: side, rgb: new Uint8Array(rgb.buffer) };
}

function unsupported(path: string, why: string): DreamError {
  return new DreamError("face/unsupported", `${path} is no face restorer that is known: ${why}`);
}

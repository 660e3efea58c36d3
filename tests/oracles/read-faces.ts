import { readFileSync } from "node:fs";
import path from "node:path";
import { decodePicture } from "../../lib/images/pixels/decode-picture.js";
import type { RgbPicture } from "../../lib/images/pixels/encode-png.js";
import { floats, ORACLES, readOracle } from "./read-oracle.js";

/** The stand-ins for networks about faces, and what the references make of them; `faces/make.py` explains the names. */
export const FACES = path.join(ORACLES, "faces");

/** One table of `faces/values.safetensors` as rows of so many numbers. */
export function faceRows(name: string, columns: number): number[][] {
  const numbers = [...floats(readOracle("../faces/values"), name)];
  return Array.from({ length: numbers.length / columns }, (_, row) => numbers.slice(row * columns, (row + 1) * columns));
}

export function facePicture(name: string): Promise<RgbPicture> {
  return decodePicture(readFileSync(path.join(FACES, name)), name);
}

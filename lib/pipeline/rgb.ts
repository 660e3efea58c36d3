import type { GeneratedImage } from "../engine/protocol.js";

/**
 * Pixels as the VAE decodes them to bytes: clamp(x/2 + 0.5)·255, rounded.
 * @param planes (3, height, width), about −1 … 1
 */
export function toRgb(planes: Float32Array, width: number, height: number): GeneratedImage {
  const area = width * height;
  // The clamped array rounds (ties to even, as the reference does) and clamps on assignment.
  const rgb = new Uint8ClampedArray(area * 3);
  for (let channel = 0; channel < 3; channel++) {
    const plane = channel * area;
    for (let i = 0; i < area; i++) rgb[i * 3 + channel] = planes[plane + i]! * 127.5 + 127.5;
  }
  return { width, height, rgb: new Uint8Array(rgb.buffer) };
}

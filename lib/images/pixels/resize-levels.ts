import { type PixelSize, resizePicture } from "./resize.js";

/** One level a pixel (transparency, a mask) in another size. */
export async function resizeLevels(
  levels: Uint8Array,
  { width, height }: PixelSize,
  size: PixelSize,
  filter: "lanczos" | "bicubic" = "lanczos",
): Promise<Uint8Array> {
  const rgb = Uint8Array.from({ length: levels.length * 3 }, (_, i) => levels[Math.floor(i / 3)]!);
  const resized = await resizePicture({ width, height, rgb }, size, filter);
  return resized.rgb.filter((_, i) => i % 3 === 0);
}

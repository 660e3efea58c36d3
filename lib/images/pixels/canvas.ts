import type { RgbPicture } from "./encode-png.js";

/** A picture that is drawn on. */
export interface Canvas extends RgbPicture {
  readonly rgb: Uint8Array;
}

/** A rectangle in pixels; it may reach over the canvas's edges. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** @param level of all three channels, 0 black to 255 white */
export function blankCanvas(width: number, height: number, level: number): Canvas {
  return { width, height, rgb: new Uint8Array(width * height * 3).fill(level) };
}

/** Fills a rectangle with one grey; what lies outside the canvas is cut off. */
export function fillRectangle(canvas: Canvas, rectangle: Rectangle, level: number): void {
  const left = Math.max(rectangle.left, 0);
  const right = Math.min(rectangle.left + rectangle.width, canvas.width);
  const bottom = Math.min(rectangle.top + rectangle.height, canvas.height);
  if (right <= left) return;
  for (let y = Math.max(rectangle.top, 0); y < bottom; y++) {
    canvas.rgb.fill(level, (y * canvas.width + left) * 3, (y * canvas.width + right) * 3);
  }
}

/** Copies a picture into a rectangle of the canvas, top left corners together; what is larger than the rectangle is cut off. */
export function paste(canvas: Canvas, picture: RgbPicture, rectangle: Rectangle): void {
  const width = Math.min(picture.width, rectangle.width, canvas.width - rectangle.left);
  const height = Math.min(picture.height, rectangle.height, canvas.height - rectangle.top);
  for (let y = 0; y < height; y++) {
    const from = y * picture.width * 3;
    canvas.rgb.set(picture.rgb.subarray(from, from + width * 3), ((rectangle.top + y) * canvas.width + rectangle.left) * 3);
  }
}

import type { HoledPicture } from "./hole-pyramid.js";

const NEIGHBOURS = [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => ({ x, y }))).filter(({ x, y }) => x !== 0 || y !== 0);

/** Fills a hole from its border inwards: every pixel becomes the mean of its neighbours that are there already. Changes `rgb`. */
export function spreadColours({ width, height, rgb, hole }: HoledPicture): void {
  const missing = hole.slice();
  const neighbours = (place: number) =>
    NEIGHBOURS.flatMap(({ x, y }) => {
      const [column, row] = [(place % width) + x, Math.floor(place / width) + y];
      return column >= 0 && column < width && row >= 0 && row < height ? [row * width + column] : [];
    });
  let ring = [...missing.keys()].filter((place) => missing[place] === 1 && neighbours(place).some((other) => missing[other] === 0));
  while (ring.length > 0) {
    for (const place of ring) {
      const there = neighbours(place).filter((other) => missing[other] === 0);
      for (let channel = 0; channel < 3; channel++) {
        rgb[place * 3 + channel] = Math.round(there.reduce((sum, other) => sum + rgb[other * 3 + channel]!, 0) / there.length);
      }
    }
    for (const place of ring) missing[place] = 0;
    ring = [...new Set(ring.flatMap(neighbours))].filter((place) => missing[place] === 1);
  }
}

/** A drawing as MNIST's digits were made: 20 x 20 pixels around its centre of mass in 28 x 28. As glassnet's own does it. */
import { BOX_PX, SIDE_PX } from "../lib/ink";
import { resized, type Grid } from "./resize";

/** Shades between paper and ink below which nothing is taken for ink. */
const LEAST_CONTRAST = 24;
/** Share of the full ink at which a digit's box begins. */
const EDGE_SHARE = 0.15;
export const EDGE_OF_INK = Math.fround(EDGE_SHARE);

// Rounded to float32 wherever the original is: NumPy's arrays are of that.
const { fround } = Math;
const byte = (grid: Grid, x: number, y: number) =>
  grid.values[Math.min(Math.max(y, 0), grid.height - 1) * grid.width + Math.min(Math.max(x, 0), grid.width - 1)] ?? 0;

/** Return a number rounded to a whole one, a half to the even one, as Python does it. */
export function rounded(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Return how much each pixel of a clean drawing is ink, from 0 to 1; null where there is none. */
export function inkIn(shades: Grid): Grid | null {
  const { width, height } = shades;
  const seen = new Float64Array(width * height);
  // a single odd pixel does not decide what is ink: 3 x 3 of them have to agree
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let dy = -1; dy <= 1; dy++) for (let dx = -1; dx <= 1; dx++) sum += byte(shades, x + dx, y + dy);
      seen[y * width + x] = fround(sum / 9);
    }
  const contrast = seen.reduce((a, b) => Math.max(a, b), 0);
  if (contrast < LEAST_CONTRAST) return null;
  const least = fround(0.5 / contrast);
  const company = fround(contrast * EDGE_SHARE);
  const values = Float64Array.from(shades.values, (shade, i) => {
    const amount = fround(shade / contrast);
    return amount > least && (seen[i] ?? 0) > company ? Math.min(amount, 1) : 0;
  });
  return { width, height, values };
}

/** Return ink in 28 x 28 shades: its box scaled to 20 pixels, antialiased, its centre of mass in the middle. */
export function placed(ink: Grid): Uint8Array<ArrayBuffer> {
  const image = new Uint8Array(SIDE_PX * SIDE_PX);
  const box = boxOf(ink);
  if (!box) return image;
  const scale = BOX_PX / Math.max(box.width, box.height);
  const [width, height] = [Math.max(1, rounded(box.width * scale)), Math.max(1, rounded(box.height * scale))];
  const small = resized(cut(ink, box), width, height).values.map((value) => Math.min(Math.max(value, 0), 1));
  const most = small.reduce((a, b) => Math.max(a, b), 0);
  const share = small.map((value) => fround(value / most));
  const total = share.reduce((a, b) => a + b, 0);
  let [across, down] = [0, 0];
  share.forEach((value, i) => {
    across += value * (i % width);
    down += value * Math.floor(i / width);
  });
  const corner = (centre: number, length: number) =>
    Math.min(Math.max(rounded(SIDE_PX / 2 - centre / total), 0), SIDE_PX - length);
  const [left, top] = [corner(across, width), corner(down, height)];
  share.forEach((value, i) => {
    image[(top + Math.floor(i / width)) * SIDE_PX + left + (i % width)] = rounded(fround(value * 255));
  });
  return image;
}

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Return where the ink lies; null where there is none. */
function boxOf({ width, height, values }: Grid): Box | null {
  let [left, right, top, bottom] = [width, -1, height, -1];
  values.forEach((value, i) => {
    if (value <= EDGE_OF_INK) return;
    const [x, y] = [i % width, Math.floor(i / width)];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  });
  return right < 0 ? null : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

function cut(grid: Grid, { left, top, width, height }: Box): Grid {
  const values = new Float64Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) values[y * width + x] = byte(grid, left + x, top + y);
  return { width, height, values };
}

/** Arrows: as long as the number they stand for. */

/** Where an arrow points: a wish above zero is up, or to the right. */
export type Way = "upright" | "level";

const HEAD_PX = 7;
const HALF_SHAFT_PX = 1.5;

/** Return the outline of an arrow from 0, 0 that is so many pixels long; below zero it points down, or to the left. */
export function arrowPath(length: number, way: Way, halfHead = 5): string {
  const size = Math.abs(length);
  if (size < 0.05) return "";
  const head = Math.min(HEAD_PX, size);
  const half = Math.min(halfHead, 1 + 0.7 * head);
  const shaft = Math.min(HALF_SHAFT_PX, half);
  const sign = Math.sign(length);
  const outline: [number, number][] = [
    [0, -shaft],
    [size - head, -shaft],
    [size - head, -half],
    [size, 0],
    [size - head, half],
    [size - head, shaft],
    [0, shaft],
  ];
  const at = ([along, across]: [number, number]) =>
    way === "level" ? `${round(sign * along)} ${round(across)}` : `${round(across)} ${round(-sign * along)}`;
  return `M${outline.map(at).join("L")}Z`;
}

const round = (value: number): number => Math.round(value * 1000) / 1000;

/** Return the largest size among numbers; hardly more than 0 where all are zero, so that it can be divided by. */
export const largestOf = (values: number[]): number => Math.max(1e-300, ...values.map(Math.abs));

/** Return how long an arrow is, in pixels, for a number among numbers of which the largest has that size. */
export const lengthOf = (value: number, largest: number, most: number): number =>
  largest > 0 ? (most * value) / largest : 0;

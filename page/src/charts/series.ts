/** What a line chart draws, and where: kept apart from the drawing so that it can be tested. */

export interface Point {
  x: number;
  y: number;
}

/** One line of a chart. */
export interface Series {
  name: string;
  points: Point[];
  /** Which of the looks (colour and dashes together): lines are told apart without colour too. */
  look: number;
  /** A background line, drawn thin. */
  thin?: boolean;
  /** Whether every point has a dot. */
  dots?: boolean;
}

/** One direction of a chart. */
export interface Axis {
  name: string;
  low: number;
  high: number;
  log: boolean;
  /** How its ticks are written. */
  show: (value: number) => string;
  /** How a single value is written: with more digits. */
  read: (value: number) => string;
}

/** How many looks there are; after the last they begin again. */
export const N_LOOKS = 5;

/** Return the point nearest to x, or undefined where there is none. Points are in the order of their x. */
export function nearest(points: Point[], x: number): Point | undefined {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle] as Point).x < x) low = middle + 1;
    else high = middle;
  }
  const after = points[low];
  const before = points[low - 1];
  return after && before && x - before.x < after.x - x ? before : after;
}

/** Return the values 1, 2 and 5 times a power of ten between two ends; only the powers where that were too many. */
export function logTicks(low: number, high: number, most: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    for (const digit of [1, 2, 5]) {
      const value = Number(`${digit}e${power}`);
      if (value >= low && value <= high) ticks.push(value);
    }
  if (ticks.length <= most) return ticks;
  const powers = ticks.filter((value) => value.toExponential().startsWith("1e"));
  const every = Math.ceil(powers.length / most);
  return powers.filter((_, i) => i % every === 0);
}

/** Return the ends of a logarithmic axis that holds these values; values of 0 and below have no place on it. */
export function logEnds(values: number[]): [number, number] {
  let low = Infinity;
  let high = 0;
  for (const value of values)
    if (value > 0) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  if (high === 0) return [0.1, 1];
  return low === high ? [low / 2, high * 2] : [low / 1.1, high * 1.1];
}

/** Return where an axis of steps ends: the run's whole length, or, early in a long run, the next power of two. */
export function reach(last: number, expected: number): number {
  if (last >= expected) return Math.max(last, 1);
  // In doublings, so that the first steps of a slow run are seen and the curve is yet not drawn anew at each.
  return Math.min(expected, 2 ** Math.ceil(Math.log2(Math.max(last, 8))));
}

/** Return so many of the items, evenly spread, the first and the last among them. */
export function sample<T>(items: T[], most: number): T[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, i) => items[Math.round((i * (items.length - 1)) / (most - 1))] as T);
}

interface Place {
  left: number;
  row: number;
}

const SWATCH_PX = 34;
const LETTER_PX = 6.6;
const GAP_PX = 18;

/** Return where each entry of a legend stands, broken into rows of that width; letters are taken as equally wide. */
export function legendPlaces(names: string[], width: number): Place[] {
  let left = 0;
  let row = 0;
  return names.map((name) => {
    const size = SWATCH_PX + LETTER_PX * name.length;
    if (left > 0 && left + size > width) {
      left = 0;
      row += 1;
    }
    const place = { left, row };
    left += size + GAP_PX;
    return place;
  });
}

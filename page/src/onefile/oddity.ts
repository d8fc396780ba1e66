/** What about a drawing would explain that it is no digit. */
import { EDGE_OF_INK } from "./normalise";
import type { Grid } from "./resize";

/** Full pixels of ink below which there is too little to tell anything. */
const LEAST_INK_PX = 12;
const SECOND_MARK = 0.25;

export const hasTooLittle = (ink: Grid): boolean => Array.from(ink.values).reduce((a, b) => a + b, 0) < LEAST_INK_PX;

/** Return what is odd; null where nothing is. */
export function oddityOf({ width, height, values }: Grid): string | null {
  const isInk = Array.from(values, (value) => value > EDGE_OF_INK);
  let onRim = 0;
  for (let x = 0; x < width; x++) onRim += Number(isInk[x]) + Number(isInk[(height - 1) * width + x]);
  for (let y = 0; y < height; y++) onRim += Number(isInk[y * width]) + Number(isInk[y * width + width - 1]);
  if (onRim > 2) return "cut off at the edge";
  const [largest = 0, second = 0] = areas(isInk, width).sort((a, b) => b - a);
  return second > SECOND_MARK * largest ? "more than one mark" : null;
}

/** Return how many pixels each connected mark has, corners touching too. */
function areas(isInk: boolean[], width: number): number[] {
  const left = isInk.slice();
  return isInk.flatMap((_, start) => {
    if (!left[start]) return [];
    left[start] = false;
    const found = [start];
    for (const place of found)
      for (const dy of [-1, 0, 1])
        for (const dx of [-1, 0, 1]) {
          const x = (place % width) + dx;
          const next = place + dy * width + dx;
          if (x < 0 || x >= width || !left[next]) continue;
          left[next] = false;
          found.push(next);
        }
    return [found.length];
  });
}

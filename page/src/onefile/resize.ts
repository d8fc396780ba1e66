/** Making a picture smaller or larger, antialiased, by bicubic interpolation: as Pillow does it with floats. */

/** A picture, row after row. */
export interface Grid {
  width: number;
  height: number;
  values: Uint8Array | Float32Array | Float64Array;
}

const SUPPORT = 2;
const A = -0.5;

/** The bicubic filter. */
function cubic(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return ((A + 2) * d - (A + 3)) * d * d + 1;
  return d < 2 ? (((d - 5) * d + 8) * d - 4) * A : 0;
}

/** Return, for each of so many pixels, where those that it is made of begin, and the share of each. */
function shares(from: number, to: number): { first: number; weights: number[] }[] {
  const scale = from / to;
  const wide = Math.max(scale, 1);
  return Array.from({ length: to }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - SUPPORT * wide + 0.5), 0);
    const end = Math.min(Math.trunc(centre + SUPPORT * wide + 0.5), from);
    const weights = Array.from({ length: end - first }, (_, i) => cubic((first + i - centre + 0.5) / wide));
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/** Return each row at another width; every number is kept as a float32. */
function across({ width, height, values }: Grid, to: number): Float32Array<ArrayBuffer> {
  const result = new Float32Array(to * height);
  shares(width, to).forEach(({ first, weights }, x) => {
    for (let y = 0; y < height; y++)
      result[y * to + x] = weights.reduce((sum, w, i) => sum + w * (values[y * width + first + i] ?? 0), 0);
  });
  return result;
}

const turned = ({ width, height, values }: Grid): Grid => ({
  width: height,
  height: width,
  values: Float32Array.from(
    { length: width * height },
    (_, i) => values[(i % height) * width + Math.floor(i / height)] ?? 0,
  ),
});

/** Return a picture at another size; along a side that stays as it is nothing is done. */
export function resized(grid: Grid, width: number, height: number): { values: Float32Array<ArrayBuffer> } & Grid {
  let result: Grid = grid;
  if (width !== grid.width) result = { width, height: grid.height, values: across(result, width) };
  if (height !== grid.height) {
    const onItsSide = turned(result);
    result = turned({ width: height, height: width, values: across(onItsSide, height) });
  }
  return { width, height, values: Float32Array.from(result.values) };
}

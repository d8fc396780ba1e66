/** Ink and numbers as RGBA, row by row. */

export type Colour = readonly [number, number, number];

/** Return ink as RGBA of one colour: the paper is what lies behind. */
export function painted(ink: Uint8Array, [red, green, blue]: Colour): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(4 * ink.length);
  for (let i = 0; i < ink.length; i++) {
    rgba[4 * i] = red;
    rgba[4 * i + 1] = green;
    rgba[4 * i + 2] = blue;
    rgba[4 * i + 3] = ink[i] ?? 0;
  }
  return rgba;
}

/** Return numbers as RGBA: one colour above zero, another below, the stronger the larger. */
export function diverging(
  values: number[],
  largest: number,
  above: Colour,
  below: Colour,
): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(4 * values.length);
  values.forEach((value, i) => {
    rgba.set(value < 0 ? below : above, 4 * i);
    rgba[4 * i + 3] = Math.round((255 * Math.abs(value)) / (largest || 1));
  });
  return rgba;
}

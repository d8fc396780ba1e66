/** How a number looks: widths, shades and which side of zero it is on. */

/** What the lines between neurons show: their weights, or weight times activation. */
export type EdgesBy = "weight" | "product";

/** Return the largest size among numbers; 1 where all are zero, so that it can be divided by. */
export function largestOf(rows: number[][]): number {
  let largest = 0;
  for (const row of rows) for (const value of row) if (Math.abs(value) > largest) largest = Math.abs(value);
  return largest || 1;
}

/** Return a size as a share of the largest, from 0 to 1. */
export const shareOf = (value: number, largest: number): number => Math.min(1, Math.abs(value) / largest);

/** Return the width of an edge in pixels: a hair for nothing, so that what is small is seen to be small. */
export const edgeWidth = (share: number): string => (0.35 + 2.9 * share).toFixed(2);

/** Return the opacity of an edge. */
export const edgeOpacity = (share: number): string => (share < 0.004 ? 0 : 0.05 + 0.85 * share ** 1.25).toFixed(2);

/** Return what counts as full brightness in a layer: 1, or its largest activation where the function has no top. */
export const fullOf = (activations: number[]): number => Math.max(1, largestOf([activations]));

/** Return the earlier of two equal tables, so that what is drawn of it is not drawn again for nothing. */
export function stable(earlier: number[][] | undefined, later: number[][]): number[][] {
  const isEqual =
    earlier?.length === later.length &&
    later.every((row, i) => {
      const before = earlier[i];
      return before?.length === row.length && row.every((value, k) => value === before[k]);
    });
  return isEqual ? earlier : later;
}

/** Return which side of zero a number is on, as the classes of theme.css name it. */
export const sideOf = (value: number): "above" | "below" => (value < 0 ? "below" : "above");

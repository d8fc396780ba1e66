/** Terrain: heights as colours and levels, and a relief as quads that are painted from far to near. */
import type { Colour } from "../paint/rgba";
import type { Palette } from "../paint/tables";

export const N_LEVELS = 16;

/** Return levels between the lowest and the highest; they lie closer near the bottom, as the rings of a bowl do. */
export function levelsBetween(low: number, high: number, n = N_LEVELS): number[] {
  return Array.from({ length: n }, (_, i) => low + (high - low) * (i / n) ** 2);
}

/** Return how high a cost lies as a share, so that the levels above are evenly apart. */
export const heightShare = (cost: number, low: number, high: number): number =>
  high > low ? Math.sqrt(Math.min(Math.max((cost - low) / (high - low), 0), 1)) : 0;

/** Return a colour between two. */
export const mixed = (a: Colour, b: Colour, share: number): Colour =>
  [0, 1, 2].map((i) => (a[i] ?? 0) + ((b[i] ?? 0) - (a[i] ?? 0)) * share) as unknown as Colour;

/** Return the colour of a height: valleys have the tint of water, heights that of sand. */
export function tintOf(share: number, { above, below, paper }: Palette): Colour {
  const low = mixed(paper, above, 0.42);
  const high = mixed(paper, below, 0.38);
  return share < 0.5
    ? mixed(low, mixed(paper, above, 0.05), share * 2)
    : mixed(mixed(paper, above, 0.05), high, share * 2 - 1);
}

export const css = (colour: Colour): string => `rgb(${colour.slice(0, 3).map(Math.round).join(" ")})`;

export interface Spot {
  x: number;
  y: number;
  /** How far back it lies: what is larger is painted first. */
  depth: number;
}

/** Return how a place of the unit square, x and y from -1 to 1 and z from 0 to 1, is seen from a turn and a tilt in degrees. */
export function seenFrom(turn: number, tilt: number): (x: number, y: number, z: number) => Spot {
  const a = (turn * Math.PI) / 180;
  const b = (tilt * Math.PI) / 180;
  const [ca, sa, cb, sb] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)];
  return (x, y, z) => {
    const right = x * ca - y * sa;
    const back = x * sa + y * ca;
    return { x: right, y: -(back * sb + z * cb), depth: back * cb - z * sb };
  };
}

/** Return the height of a grid at a place, in columns and rows, between its four neighbours. */
export function heightAt(rows: number[][], column: number, row: number): number {
  const nRows = rows.length;
  const nColumns = rows[0]?.length ?? 0;
  const c = Math.min(Math.max(column, 0), nColumns - 1);
  const r = Math.min(Math.max(row, 0), nRows - 1);
  const [c0, r0] = [Math.min(Math.floor(c), nColumns - 2), Math.min(Math.floor(r), nRows - 2)];
  const [fc, fr] = [c - c0, r - r0];
  const at = (i: number, j: number) => rows[i]?.[j] ?? 0;
  return (
    at(r0, c0) * (1 - fc) * (1 - fr) +
    at(r0, c0 + 1) * fc * (1 - fr) +
    at(r0 + 1, c0) * (1 - fc) * fr +
    at(r0 + 1, c0 + 1) * fc * fr
  );
}

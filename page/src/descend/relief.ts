/** A relief: the same grid seen from above and aside, its quads and the paths on them painted from far to near. */
import type { Palette } from "../paint/tables";
import { css, heightAt, heightShare, mixed, seenFrom, tintOf, type Spot } from "./terrain";

export interface ReliefPath {
  /** In columns and rows of the grid. */
  places: [number, number][];
  colour: string;
  dashes: number[];
  width: number;
}

export interface View {
  turn: number;
  tilt: number;
}

interface Piece {
  depth: number;
  paint: () => void;
}

const HEIGHT = 0.9;
/** How far the walls go on below the lowest point, of the height. */
const BELOW = 0.15;
/** Where the light comes from, as whoever looks has it: left, a little from behind, above. */
const LIGHT = [-0.5, 0.3, 0.81] as const;
/** Paths lie this much nearer than the ground, so that it does not hide them. */
const LIFT = 0.05;

/** Return places with others between them, half a cell apart at most: a long piece would be in front and behind at once. */
export function inShortPieces(places: [number, number][]): [number, number][] {
  return places.flatMap(([x, y], k) => {
    const [x1, y1] = places[k + 1] ?? [x, y];
    const n = Math.max(1, Math.ceil(2 * Math.hypot(x1 - x, y1 - y)));
    return Array.from({ length: n }, (_, i): [number, number] => [x + ((x1 - x) * i) / n, y + ((y1 - y) * i) / n]);
  });
}

/** Return the walls below the rim, down to a floor: they make a body of the relief. */
function walls(
  context: CanvasRenderingContext2D,
  rows: number[][],
  corners: Spot[][],
  floor: (column: number, row: number) => Spot,
  palette: Palette,
): Piece[] {
  const [nRows, nColumns] = [rows.length, rows[0]?.length ?? 0];
  const rim: [number, number][] = [];
  for (let i = 0; i < nColumns; i++) rim.push([i, 0]);
  for (let j = 1; j < nRows; j++) rim.push([nColumns - 1, j]);
  for (let i = nColumns - 2; i >= 0; i--) rim.push([i, nRows - 1]);
  for (let j = nRows - 2; j >= 0; j--) rim.push([0, j]);
  const tint = css(mixed(palette.paper, palette.ink, 0.16));
  return rim.slice(1).map(([i, j], k) => {
    const [i0, j0] = rim[k] as [number, number];
    const four = [corners[j0]?.[i0], corners[j]?.[i], floor(i, j), floor(i0, j0)] as Spot[];
    return {
      // A little farther than its upper edge: the ground in front of it hides it.
      depth: ((four[0]?.depth ?? 0) + (four[1]?.depth ?? 0)) / 2 + LIFT / 2,
      paint: () => {
        context.beginPath();
        four.forEach((corner, at) => (at ? context.lineTo(corner.x, corner.y) : context.moveTo(corner.x, corner.y)));
        context.closePath();
        context.fillStyle = context.strokeStyle = tint;
        context.lineWidth = 0.7;
        context.fill();
        context.stroke();
      },
    };
  });
}

/** Paint a grid of costs, as many of its nRows as there are yet, with paths that lie on it. */
export function paintRelief(
  context: CanvasRenderingContext2D,
  size: { width: number; height: number },
  rows: number[][],
  nRows: number,
  ends: { low: number; high: number; aspect: number },
  paths: ReliefPath[],
  view: View,
  palette: Palette,
): void {
  const nColumns = rows[0]?.length ?? 0;
  context.clearRect(0, 0, size.width, size.height);
  if (rows.length < 2) return;
  const seen = seenFrom(view.turn, view.tilt);
  const { low, high, aspect } = ends;
  const [wide, deep] = aspect > 1 ? [1, 1 / aspect] : [aspect, 1];
  // As large as it fits in every turn: its corners go round in a circle.
  const radius = Math.hypot(wide, deep);
  const [flat, upright] = [Math.sin((view.tilt * Math.PI) / 180), Math.cos((view.tilt * Math.PI) / 180)];
  const needed = 2 * radius * flat + HEIGHT * (1 + BELOW) * upright;
  const scale = Math.min(size.width / (2 * radius), size.height / needed) * 0.98;
  const middle = size.height / 2 + (scale * HEIGHT * (1 - BELOW) * upright) / 2;
  const rise = (cost: number) => (high > low ? ((cost - low) / (high - low)) * HEIGHT : 0);
  const floor = low - (high - low) * BELOW;
  const spot = (column: number, row: number, cost: number): Spot => {
    const at = seen(((2 * column) / (nColumns - 1) - 1) * wide, ((2 * row) / (nRows - 1) - 1) * deep, rise(cost));
    return { x: size.width / 2 + scale * at.x, y: middle + scale * at.y, depth: at.depth };
  };
  const corners = rows.map((row, j) => row.map((cost, i) => spot(i, j, cost)));
  const [sine, cosine] = [Math.sin((view.turn * Math.PI) / 180), Math.cos((view.turn * Math.PI) / 180)];
  const [lightX, lightY] = [LIGHT[0] * cosine + LIGHT[1] * sine, -LIGHT[0] * sine + LIGHT[1] * cosine];
  const pieces: Piece[] = [];
  const stepX = (2 * wide) / (nColumns - 1);
  const stepY = (2 * deep) / (nRows - 1);
  for (let j = 0; j + 1 < rows.length; j++)
    for (let i = 0; i + 1 < nColumns; i++) {
      const four = [corners[j]?.[i], corners[j]?.[i + 1], corners[j + 1]?.[i + 1], corners[j + 1]?.[i]] as Spot[];
      const costs = [rows[j]?.[i], rows[j]?.[i + 1], rows[j + 1]?.[i + 1], rows[j + 1]?.[i]] as number[];
      const [a = 0, b = 0, c = 0, d = 0] = costs;
      const slopeX = (rise(b) + rise(c) - rise(a) - rise(d)) / (2 * stepX);
      const slopeY = (rise(c) + rise(d) - rise(a) - rise(b)) / (2 * stepY);
      const length = Math.hypot(slopeX, slopeY, 1);
      const light = (-slopeX * lightX - slopeY * lightY + LIGHT[2]) / length;
      const tint = tintOf(heightShare((a + b + c + d) / 4, low, high), palette);
      const shade = 0.55 + 0.5 * Math.max(0, light);
      const colour = css([tint[0] * shade, tint[1] * shade, tint[2] * shade]);
      pieces.push({
        depth: four.reduce((sum, corner) => sum + corner.depth, 0) / 4,
        paint: () => {
          context.beginPath();
          four.forEach((corner, k) => (k ? context.lineTo(corner.x, corner.y) : context.moveTo(corner.x, corner.y)));
          context.closePath();
          context.fillStyle = colour;
          context.strokeStyle = colour;
          context.lineWidth = 0.7;
          context.fill();
          context.stroke();
        },
      });
    }
  pieces.push(...walls(context, rows, corners, (i, j) => spot(i, j, floor), palette));
  for (const path of paths) {
    const at = inShortPieces(path.places)
      .filter(([, row]) => row <= rows.length - 1)
      .map(([column, row]) => spot(column, row, heightAt(rows, column, row)));
    let run = 0;
    for (let k = 0; k + 1 < at.length; k++) {
      const [from, to] = [at[k] as Spot, at[k + 1] as Spot];
      const begun = run;
      run += Math.hypot(to.x - from.x, to.y - from.y);
      const stroke = (colour: string, lineWidth: number, dashes: number[]) => () => {
        context.lineCap = dashes.length ? "butt" : "round";
        context.setLineDash(dashes);
        context.lineDashOffset = begun;
        context.strokeStyle = colour;
        context.lineWidth = lineWidth;
        context.beginPath();
        context.moveTo(from.x, from.y);
        context.lineTo(to.x, to.y);
        context.stroke();
        context.setLineDash([]);
      };
      // A light rim below the line sets it off from the ground.
      const depth = (from.depth + to.depth) / 2 - LIFT;
      pieces.push({ depth, paint: stroke(css(palette.paper), path.width + 2.2, []) });
      pieces.push({ depth: depth - 2 * LIFT, paint: stroke(path.colour, path.width, path.dashes) });
    }
  }
  pieces.sort((one, other) => other.depth - one.depth);
  for (const piece of pieces) piece.paint();
}

import { describe, expect, it } from "vitest";
import type { Palette } from "../paint/tables";
import { paintRelief, type ReliefPath, type View } from "./relief";

const PALETTE: Palette = { above: [31, 95, 174], below: [200, 98, 10], ink: [20, 24, 30], paper: [255, 253, 248] };
const SIZE = { width: 480, height: 374 };

/** What was filled or stroked: the corners, the colours, the width, the dashes. */
interface Drawn {
  kind: "fill" | "stroke";
  corners: [number, number][];
  colour: string;
  width: number;
  dashes: number[];
  offset: number;
  cap: string;
}

/** A context that keeps what is drawn on it. */
function sheet() {
  const drawn: Drawn[] = [];
  let corners: [number, number][] = [];
  let dashes: number[] = [];
  const own = {
    fillStyle: "",
    strokeStyle: "",
    lineWidth: 1,
    lineCap: "butt",
    lineDashOffset: 0,
    cleared: [] as number[],
    clearRect: (...box: number[]) => (own.cleared = box),
    beginPath: () => (corners = []),
    moveTo: (x: number, y: number) => corners.push([x, y]),
    lineTo: (x: number, y: number) => corners.push([x, y]),
    closePath: () => undefined,
    setLineDash: (given: number[]) => (dashes = given),
    fill: () => keep("fill", own.fillStyle),
    stroke: () => keep("stroke", own.strokeStyle),
  };
  function keep(kind: "fill" | "stroke", colour: string) {
    const { lineWidth: width, lineDashOffset: offset, lineCap: cap } = own;
    drawn.push({ kind, corners, colour, width, dashes, offset, cap });
  }
  return { drawn, own };
}

/** Numbers from 0 to 1, the same at each run. */
function randoms(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 2147483647;
}

function painted(rows: number[][], view: View, given: { aspect?: number; paths?: ReliefPath[]; nRows?: number } = {}) {
  const { drawn, own } = sheet();
  const costs = rows.flat();
  const ends = { low: Math.min(...costs), high: Math.max(...costs), aspect: given.aspect ?? 1 };
  const context = own as unknown as CanvasRenderingContext2D;
  paintRelief(context, SIZE, rows, given.nRows ?? rows.length, ends, given.paths ?? [], view, PALETTE);
  return { drawn, own };
}

const grid = (nRows: number, nColumns: number, cost: (i: number, j: number) => number) =>
  Array.from({ length: nRows }, (_, j) => Array.from({ length: nColumns }, (__, i) => cost(i, j)));
const views: View[] = [-170, -100, -35, 0, 35, 90, 144].flatMap((turn) => [10, 38, 85].map((tilt) => ({ turn, tilt })));

/** The relief's directions, by matrices: turned about the upright, then tilted towards whoever looks. */
function seen([x, y, z]: [number, number, number], { turn, tilt }: View) {
  const [a, b] = [(turn * Math.PI) / 180, (tilt * Math.PI) / 180];
  const [right, back] = [Math.cos(a) * x - Math.sin(a) * y, Math.sin(a) * x + Math.cos(a) * y];
  return { x: right, y: -Math.sin(b) * back - Math.cos(b) * z, depth: Math.cos(b) * back - Math.sin(b) * z };
}

describe("a relief", () => {
  it("fits into its sheet in every turn, and fills it one way or the other", () => {
    for (const aspect of [0.5, 1, 3])
      for (const tilt of [10, 38, 85]) {
        let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
        // a grid as high as it can be everywhere at the rim, and once as low
        for (let turn = -180; turn < 180; turn += 5)
          for (const cost of [(i: number) => (i === 1 ? 0 : 1), (i: number) => (i === 1 ? 1 : 0)])
            for (const [x, y] of painted(grid(3, 3, cost), { turn, tilt }, { aspect }).drawn.flatMap(
              (d) => d.corners,
            )) {
              [left, right] = [Math.min(left, x), Math.max(right, x)];
              [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
            }
        const used = Math.max((right - left) / SIZE.width, (bottom - top) / SIZE.height);
        expect(used).toBeGreaterThan(0.975);
        expect(used).toBeLessThanOrEqual(0.9801);
        expect((left + right) / 2).toBeCloseTo(SIZE.width / 2);
        expect((top + bottom) / 2).toBeCloseTo(SIZE.height / 2, 0);
      }
  });

  it("has each corner where turn, tilt and cost put it", () => {
    const random = randoms(1);
    for (const view of views)
      for (const aspect of [0.4, 1, 2.5]) {
        const rows = grid(4, 5, random);
        const [low, high] = [Math.min(...rows.flat()), Math.max(...rows.flat())];
        const quads = painted(rows, view, { aspect }).drawn.filter((d) => d.kind === "fill" && d.colour !== WALL);
        expect(quads.length).toBe(3 * 4);
        const [wide, deep] = [Math.min(1, aspect), Math.min(1, 1 / aspect)];
        // every corner of the picture as the library of shapes has it, before it is scaled and moved
        const flat = (i: number, j: number) =>
          seen(
            [(i / 4 - 0.5) * 2 * wide, (j / 3 - 0.5) * 2 * deep, (0.9 * ((rows[j]?.[i] ?? 0) - low)) / (high - low)],
            view,
          );
        const expected = grid(3, 4, (i, j) => i + 10 * j).flatMap((row) =>
          row.map((at) => {
            const [i, j] = [at % 10, Math.floor(at / 10)];
            const corners = [flat(i, j), flat(i + 1, j), flat(i + 1, j + 1), flat(i, j + 1)];
            return { corners, depth: corners.reduce((sum, corner) => sum + corner.depth / 4, 0) };
          }),
        );
        // the farthest first
        expected.sort((one, other) => other.depth - one.depth);
        const scale = scaleOf(view.tilt, Math.hypot(wide, deep));
        quads.forEach((quad, k) =>
          quad.corners.forEach(([x, y], c) => {
            const corner = expected[k]?.corners[c];
            expect(x).toBeCloseTo(SIZE.width / 2 + scale * (corner?.x ?? NaN), 6);
            const origin = middleOf(view.tilt, scale);
            expect(y).toBeCloseTo(origin + scale * (corner?.y ?? NaN), 6);
          }),
        );
      }
  });

  it("is lit from the left, a little from behind, above, whichever way it is turned", () => {
    for (const view of views)
      for (const [east, north] of [
        [0, 0],
        [0.2, 0],
        [-0.2, 0.1],
        [0, -0.3],
      ] as const) {
        // a plane: its slope is the same everywhere, and so is its light; shades differ by height only
        const rows = grid(3, 3, (i, j) => east * i + north * j);
        const [low, high] = [Math.min(...rows.flat()), Math.max(...rows.flat())];
        const stretch = high > low ? 0.9 / (high - low) : 0;
        const normal = [-east * stretch, -north * stretch, 1] as [number, number, number];
        const a = (view.turn * Math.PI) / 180;
        const [right, back] = [
          Math.cos(a) * normal[0] - Math.sin(a) * normal[1],
          Math.sin(a) * normal[0] + Math.cos(a) * normal[1],
        ];
        const light = (-0.5 * right + 0.3 * back + 0.81) / Math.hypot(...normal);
        const shade = 0.55 + 0.5 * Math.max(0, light);
        const quads = painted(rows, view).drawn.filter((d) => d.kind === "fill" && d.colour !== WALL);
        const tints = rows.slice(1).flatMap((row, j) => row.slice(1).map((_, i) => tint(i, j)));
        function tint(i: number, j: number): string {
          const cost = east * (i + 0.5) + north * (j + 0.5);
          return shaded(high > low ? Math.sqrt(Math.max(0, cost - low) / (high - low)) : 0, shade);
        }
        expect(quads.map((quad) => quad.colour).sort()).toEqual(tints.sort());
      }
  });

  it("has walls of one colour round its rim, down to below its lowest point", () => {
    const rows = grid(4, 3, (i, j) => i + j);
    const { drawn, own } = painted(rows, { turn: 20, tilt: 40 });
    const walls = drawn.filter((d) => d.kind === "fill" && d.colour === WALL);
    expect(walls.length).toBe(2 * (3 + 2));
    const scale = scaleOf(40, Math.SQRT2);
    const upright = Math.cos((40 * Math.PI) / 180);
    const heights = walls.map(({ corners: [a, b, c, d] }) => [
      (d?.[1] ?? 0) - (a?.[1] ?? 0),
      (c?.[1] ?? 0) - (b?.[1] ?? 0),
    ]);
    const floor = heights.flat().map((px) => px / (scale * upright));
    expect(Math.min(...floor)).toBeCloseTo(0.9 * 0.15);
    expect(Math.max(...floor)).toBeCloseTo(0.9 * 1.15);
    // round the rim each wall begins where another ends
    const begins = walls.map(({ corners }) => String(corners[0])).sort();
    expect(walls.map(({ corners }) => String(corners[1])).sort()).toEqual(begins);
    expect(new Set(begins).size).toBe(walls.length);
    expect(own.cleared).toEqual([0, 0, SIZE.width, SIZE.height]);
    for (const one of drawn) expect([one.width, one.dashes]).toEqual([0.7, []]);
    for (let k = 0; k < drawn.length; k += 2)
      expect([drawn[k]?.kind, drawn[k + 1]?.kind, drawn[k]?.colour]).toEqual(["fill", "stroke", drawn[k + 1]?.colour]);
  });

  it("hides its far walls behind the ground and shows its near ones", () => {
    const { drawn } = painted(
      grid(6, 6, () => 1),
      { turn: 0, tilt: 40 },
    );
    const places = drawn.flatMap((d, k) =>
      d.kind === "fill" && d.colour === WALL ? [{ k, y: d.corners[0]?.[1] ?? 0 }] : [],
    );
    const [far, near] = [Math.min(...places.map(({ y }) => y)), Math.max(...places.map(({ y }) => y))];
    const quads = drawn.flatMap((d, k) => (d.kind === "fill" && d.colour !== WALL ? [k] : []));
    for (const { k, y } of places) {
      if (y === far) expect(k).toBeLessThan(Math.min(...quads));
      if (y === near) expect(k).toBeGreaterThan(quads.at(-6) ?? Infinity);
    }
  });

  it("draws a path onto the ground: a light rim, and the line with its dashes on top", () => {
    const rows = grid(3, 3, (i, j) => i * j);
    const path = {
      places: [
        [0, 0],
        [1, 1],
        [2, 1.5],
      ] as [number, number][],
      colour: "red",
      dashes: [7, 4],
      width: 2.4,
    };
    const { drawn } = painted(rows, { turn: 0, tilt: 60 }, { paths: [path] });
    const lines = drawn.filter((d) => d.colour === "red");
    const rims = drawn.filter((d) => d.kind === "stroke" && d.colour === "rgb(255 253 248)");
    // sqrt(2) cells and 1.12 cells: three pieces each, half a cell long at most
    expect([lines.length, rims.length]).toEqual([6, 6]);
    const along = lines.toSorted((one, other) => one.offset - other.offset);
    let run = 0;
    const scale = scaleOf(60, Math.SQRT2);
    const from = (column: number, row: number, cost: number) => {
      const at = seen([column - 1, row - 1, (0.9 * cost) / 4], { turn: 0, tilt: 60 });
      return [expect.closeTo(SIZE.width / 2 + scale * at.x), expect.closeTo(middleOf(60, scale) + scale * at.y)];
    };
    expect(along[0]?.corners[0]).toEqual(from(0, 0, 0));
    expect(along[3]?.corners[0]).toEqual(from(1, 1, 1));
    expect(along[5]?.corners[1]).toEqual(from(2, 1.5, 3));
    for (const one of along) {
      expect(one.offset).toBeCloseTo(run);
      const [[x0, y0], [x1, y1]] = one.corners as [[number, number], [number, number]];
      run += Math.hypot(x1 - x0, y1 - y0);
      expect([one.dashes, one.width, one.cap]).toEqual([[7, 4], 2.4, "butt"]);
    }
    for (const rim of rims) {
      expect(rim.width).toBeCloseTo(4.6);
      expect([rim.dashes, rim.cap]).toEqual([[], "round"]);
      const line = lines.findIndex((one) => String(one.corners) === String(rim.corners));
      expect(drawn.indexOf(rim)).toBeLessThan(drawn.indexOf(lines[line] as Drawn));
    }
  });

  it("lies below its paths wherever they are in front, and above them behind a hill", () => {
    // a ridge across: what lies behind it is hidden from whoever looks along
    const rows = grid(9, 9, (_, j) => (j === 4 ? 1 : 0));
    const path = (row: number) => ({
      places: [
        [2, row],
        [6, row],
      ] as [number, number][],
      colour: `red`,
      dashes: [],
      width: 2,
    });
    const order = (row: number) => {
      const { drawn } = painted(rows, { turn: 0, tilt: 20 }, { paths: [path(row)] });
      const ridge = drawn.findLastIndex((d) => d.kind === "fill" && d.colour !== WALL && isRidge(d));
      return Math.sign(drawn.findIndex((d) => d.colour === "red") - ridge);
    };
    const top = Math.min(...painted(rows, { turn: 0, tilt: 20 }).drawn.flatMap((d) => d.corners.map(([, y]) => y)));
    const isRidge = (d: Drawn) => d.corners.some(([, y]) => y < top + 1);
    expect([order(1), order(7)]).toEqual([1, -1]);
  });

  it("lets no path of a gentle ground be hidden, whichever way it is turned", () => {
    // 41 x 41 points, as the page asks for; what lies below a path is painted before it
    const rows = grid(41, 41, (i, j) => 0.02 * ((i - 20) ** 2 + (j - 12) ** 2));
    const random = randoms(5);
    const places = Array.from({ length: 6 }, (): [number, number] => [2 + 36 * random(), 2 + 36 * random()]);
    for (const turn of [-160, -75, 0, 35, 120]) {
      const path = { places, colour: "red", dashes: [], width: 2 };
      const { drawn } = painted(rows, { turn, tilt: 60 }, { paths: [path] });
      const lines = drawn.flatMap((d, k) => (d.colour === "red" ? [{ k, at: middleOfLine(d) }] : []));
      expect(lines.length).toBeGreaterThan(100);
      drawn.forEach((d, k) => {
        if (d.kind !== "fill" || d.colour === WALL) return;
        for (const line of lines) if (isInside(line.at, d.corners)) expect(line.k).toBeGreaterThan(k);
      });
    }
  });

  it("is painted as far as its rows are there, and not at all of one row", () => {
    const rows = grid(3, 4, (i, j) => i + j);
    const whole = painted(
      grid(5, 4, (i, j) => (j < 3 ? i + j : 0)),
      { turn: 10, tilt: 40 },
    );
    const part = painted(rows, { turn: 10, tilt: 40 }, { nRows: 5 });
    const quads = ({ drawn }: { drawn: Drawn[] }) => drawn.filter((d) => d.kind === "fill" && d.colour !== WALL).length;
    expect([quads(whole), quads(part)]).toEqual([12, 6]);
    const xs = (all: { drawn: Drawn[] }) => all.drawn.map((d) => d.corners[0]?.[0]);
    expect(new Set(xs(whole))).toEqual(new Set([...xs(whole), ...xs(part)]));
    const one = painted(rows.slice(0, 1), { turn: 10, tilt: 40 });
    expect([one.drawn.length, one.own.cleared.length]).toEqual([0, 4]);
    const path = {
      places: [
        [0, 0],
        [3, 4],
      ] as [number, number][],
      colour: "red",
      dashes: [],
      width: 2,
    };
    const lines = painted(rows, { turn: 10, tilt: 40 }, { nRows: 5, paths: [path] }).drawn.filter(
      (d) => d.colour === "red",
    );
    expect(lines.length).toBe(5);
    expect(lines[0]?.cap).toBe("round");
  });
});

const middleOfLine = ({ corners: [a, b] }: Drawn): [number, number] => [
  ((a?.[0] ?? NaN) + (b?.[0] ?? NaN)) / 2,
  ((a?.[1] ?? NaN) + (b?.[1] ?? NaN)) / 2,
];

/** Return whether a place lies in a polygon: whoever goes from it to one side crosses its rim an odd number of times. */
const isInside = ([x, y]: [number, number], corners: [number, number][]): boolean =>
  corners.filter(([x0, y0], k) => {
    const [x1, y1] = corners[(k + 1) % corners.length] as [number, number];
    return y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0);
  }).length %
    2 ===
  1;

const WALL = mixedInto([255, 253, 248], [20, 24, 30], 0.16);

function mixedInto(a: number[], b: number[], share: number): string {
  return `rgb(${a.map((one, i) => Math.round(one + ((b[i] ?? 0) - one) * share)).join(" ")})`;
}

/** The colour of a height, as terrain has it, in some light. */
function shaded(share: number, shade: number): string {
  const { above, below, paper } = PALETTE;
  const mix = (into: readonly number[], part: number) => paper.map((one, i) => one + ((into[i] ?? 0) - one) * part);
  const [low, middle, high] = [mix(above, 0.42), mix(above, 0.05), mix(below, 0.38)];
  const [from, to, part] = share < 0.5 ? [low, middle, share * 2] : [middle, high, share * 2 - 1];
  return `rgb(${from.map((one, i) => Math.round((one + ((to[i] ?? 0) - one) * part) * shade)).join(" ")})`;
}

/** How large a relief is, so that its circle and its height fit: with room of 2 % together. */
function scaleOf(tilt: number, radius: number): number {
  const b = (tilt * Math.PI) / 180;
  const needed = 2 * radius * Math.sin(b) + 0.9 * 1.15 * Math.cos(b);
  return 0.98 * Math.min(SIZE.width / (2 * radius), SIZE.height / needed);
}

/** Where cost's lowest point lies in the middle of the ground: as much above it as below, floor and height counted. */
const middleOf = (tilt: number, scale: number): number =>
  SIZE.height / 2 + (scale * 0.9 * 0.85 * Math.cos((tilt * Math.PI) / 180)) / 2;

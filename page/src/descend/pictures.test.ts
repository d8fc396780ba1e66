import { cleanup, render } from "@testing-library/svelte";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { onAScreen, recorded } from "../recorded";
import type { SliceTold, SurfaceTold } from "./api";
import Contours from "./Contours.svelte";
import GroundFigures from "./GroundFigures.svelte";
import SliceChart from "./SliceChart.svelte";

afterEach(cleanup);
beforeAll(() => onAScreen(560)); // what it returns is called in the end

const xs = [-1.5, -0.5, 0.5, 1.5, 2.5];
const ys = [-1, -0.25, 0.5, 1.25];
const rows = ys.map((y) => xs.map((x) => 0.5 + (x - 0.5) ** 2 / 4 + y * y));
const way = (size: number, angle: number) => ({
  mini_batch_size: size,
  name: size ? `mini-batches of ${size}` : "full gradient",
  n_steps: [0, 1, 2, 3],
  cost: [1.5, 1, 0.75, 0.625],
  seconds: [0, 1, 2, 3],
  n_examples: [0, 1, 2, 3],
  length: [0, 1, 1, 1],
  cosine: [1, 0.9, 0.8, 0.7],
  angle: [0, 10, 20, 30],
  mean_cosine: size === 100 ? 0.8125 : 0.5,
  mean_angle: angle,
  mean_length: 1,
});
const TOLD = {
  id: "a",
  begins: true,
  state: "finished",
  n: 1000,
  asked: { untrained: false, n_steps: 3, points: 4 },
  plane: {
    xs,
    ys,
    places: [0, 1].map((k) => [0, 1, 2, 3].map((step) => [0.3 * step + 0.1 * k * step, 0.2 * step * (1 - k)])),
  },
  first_row: 0,
  rows,
  descents: [way(0, 10), way(100, 25)],
  lowest: { x: 0.5, y: -0.25, cost: 0.5625 },
  highest: { x: 2.5, y: 1.25, cost: 3.0625 },
} as unknown as SurfaceTold;

const SLICE = {
  parameter: null,
  n: 1000,
  reach: 4,
  distances: [-4, -2, 0, 2, 4],
  costs: [3, 1.5, 1, 1.25, 2.5],
  slopes: [-1, -0.5, -0.25, 0.5, 1],
  cost: 1,
  slope: -0.25,
  learning_rate: 1,
  ways: [
    { distance: [-4, -3, -2.5], cost: [3, 2.25, 1.875], slope: [-1, -0.5, -0.25] },
    { distance: [4, 3], cost: [2.5, 1.75], slope: [1, 0.5] },
  ],
} as unknown as SliceTold;

describe("contours", () => {
  it("are drawn as they are recorded: levels, paths, marks, ticks and scale", () => {
    for (const step of [0, 2]) {
      const { container } = render(Contours, { told: TOLD, step, drawing: null });
      expect(recorded(container)).toMatchSnapshot(`step ${step}`);
      cleanup();
    }
  });

  it("have a right angle for a right angle", () => {
    const { container } = render(Contours, { told: TOLD, step: 3, drawing: null });
    const { width, height } = frameOf(container);
    expect(width / 4).toBeCloseTo(height / 2.25);
  });

  it("stand on the line where a plane has that cost", () => {
    // costs rise by 1 with x: each level is an upright line, at the x that it is
    const plane = ys.map(() => xs.map((x) => x + 1.5));
    const told = { ...TOLD, rows: plane, lowest: { x: -1.5, y: 0, cost: 0 }, highest: { x: 2.5, y: 0, cost: 4 } };
    const { container } = render(Contours, { told: told as SurfaceTold, step: 0, drawing: null });
    const { left, width } = frameOf(container);
    [...container.querySelectorAll(".band")].forEach((band, i) => {
      if (i === 0) return;
      const xsOf = ((band.getAttribute("d") ?? "").match(/(?<=[ML])\S+/g) ?? []).map(Number);
      expect(Math.min(...xsOf)).toBeCloseTo(left + (i / 16) ** 2 * width, 0);
    });
  });

  it("grow row by row, from below", () => {
    for (const [n, share] of [
      [1, 0],
      [2, 1 / 3],
      [4, 1],
    ] as const) {
      const { container } = render(Contours, { told: { ...TOLD, rows: rows.slice(0, n) }, step: 0, drawing: null });
      const [frame, grown] = [frameOf(container), container.querySelector('[id^="grown"] rect')];
      expect(Number(grown?.getAttribute("height"))).toBeCloseTo(share * frame.height);
      expect(Number(grown?.getAttribute("y")) + share * frame.height).toBeCloseTo(frame.top + frame.height);
      expect(container.querySelectorAll(".band").length > 0).toBe(n > 1);
      expect(container.querySelector(".lowest") !== null).toBe(n === 4);
      cleanup();
    }
  });
});

function frameOf(container: Element) {
  const frame = container.querySelector(".frame");
  const [left, top, width, height] = ["x", "y", "width", "height"].map((name) => Number(frame?.getAttribute(name)));
  return { left: left ?? NaN, top: top ?? NaN, width: width ?? NaN, height: height ?? NaN };
}

describe("a slice", () => {
  it("is drawn as it is recorded: curve, tangent, ways, ticks and words", () => {
    for (const step of [0, 1, 5]) {
      const props = { told: SLICE, step, name: "weights[0][1, 2]", onpick: vi.fn(), drawing: null };
      expect(recorded(render(SliceChart, props).container)).toMatchSnapshot(`step ${step}`);
      cleanup();
    }
  });

  it("is picked from where it is pressed, and no farther out than it reaches", () => {
    const onpick = vi.fn();
    const { container } = render(SliceChart, { told: SLICE, step: 0, name: "", onpick, drawing: null });
    const svg = container.querySelector("svg") as SVGSVGElement;
    const width = Number(svg.getAttribute("width"));
    // shown at half its size, 100 px from the left
    svg.getBoundingClientRect = () => ({ left: 100, top: 0, width: width / 2, height: 165 }) as DOMRect;
    for (const at of [58, (58 + width - 14) / 2, width - 14, 0, width])
      svg.dispatchEvent(new MouseEvent("click", { bubbles: true, clientX: 100 + at / 2 }));
    const picked = onpick.mock.calls.map(([distance]) => distance as number);
    expect(picked).toEqual([-4, 0, 4, -4, 4].map((distance) => expect.closeTo(distance)));
  });
});

describe("what stands below the ground", () => {
  const player = { step: 2, last: () => 3, isPlaying: false, to: vi.fn(), toggle: vi.fn() };
  const shownOf = (told: SurfaceTold) =>
    recorded(render(GroundFigures, { told, player: player as never, contours: null, relief: null }).container);

  it("is what is recorded, the words of mini-batches of 100 only where there are such", () => {
    expect(shownOf(TOLD)).toContain("0.81");
    cleanup();
    expect(shownOf({ ...TOLD, descents: [way(0, 10), way(101, 20), way(99, 20), way(10, 20)] } as never)).not.toContain(
      "A mini-batch of 100 points",
    );
    cleanup();
    player.step = 0;
    const { container } = render(GroundFigures, { told: TOLD, player: player as never, contours: null, relief: null });
    const [back, on] = [...container.querySelectorAll("button")].slice(-2);
    expect([back?.disabled, on?.disabled]).toEqual([true, false]);
    on?.click();
    expect(player.to.mock.lastCall).toEqual([1]);
  });
});

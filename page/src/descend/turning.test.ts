import { cleanup, fireEvent, render } from "@testing-library/svelte";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { onAScreen } from "../recorded";
import type { SurfaceTold } from "./api";
import Relief from "./Relief.svelte";

/** A surface whose full gradient's way ends at a place. */
const told = (x: number, y: number, more: Partial<SurfaceTold> = {}) =>
  ({
    n: 1000,
    plane: {
      xs: [-1, 0, 1, 2, 3],
      ys: [-2, 0, 2],
      places: [
        [
          [0, 0],
          [x / 2, y / 2],
          [x, y],
        ],
        [
          [0, 0],
          [1, 1],
          [2, 0],
        ],
      ],
    },
    rows: [0, 1, 2].map((j) => [0, 1, 2, 3, 4].map((i) => i + j)),
    descents: [
      { mini_batch_size: 0, name: "full gradient", cost: [1, 0.5] },
      { mini_batch_size: 100, name: "mini-batches of 100", cost: [1, 0.5] },
    ],
    lowest: { x: -1, y: -2, cost: 0 },
    highest: { x: 3, y: 2, cost: 6 },
    ...more,
  }) as unknown as SurfaceTold;

describe("a relief that can be turned", () => {
  let undo: () => void;
  let strokes: { width: number; dashes: number[]; colour: string }[];
  let scaled: number[];
  beforeEach(async () => {
    undo = await onAScreen(500);
    strokes = [];
    let dashes: number[] = [];
    const context = new Proxy({} as Record<string, unknown>, {
      get: (own, name: string) => {
        if (name in own) return own[name];
        if (name === "setLineDash") return (given: number[]) => (dashes = given);
        if (name === "scale") return (...by: number[]) => (scaled = by);
        return () => {
          if (name === "stroke")
            strokes.push({ width: own.lineWidth as number, dashes, colour: own.strokeStyle as string });
        };
      },
    });
    vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(context as never);
  });
  afterEach(() => {
    cleanup();
    vi.restoreAllMocks();
    undo();
  });

  const shown = (surface: SurfaceTold, step = 2) => {
    const { container } = render(Relief, { told: surface, step, canvas: null });
    const canvas = container.querySelector("canvas") as HTMLCanvasElement;
    canvas.setPointerCapture = vi.fn();
    const [turn, tilt] = [...container.querySelectorAll("input")] as [HTMLInputElement, HTMLInputElement];
    const said = () => Number(/turned by (-?\d+) degrees/.exec(container.innerHTML)?.[1]);
    return { container, canvas, turn, tilt, said };
  };
  const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

  it("begins with the way of the full gradient coming towards whoever looks, 35 degrees aside", () => {
    for (const [x, y, turn] of [
      [0, -1, 35],
      [-1, 0, 125],
      [-1, -1, 80],
      [1, -1, -10],
      [1, 0, -55],
      [0, 1, -145],
      [-1, 1, 170],
      [-2, 3, -179],
    ] as const) {
      expect([x, y, shown(told(x, y)).said()]).toEqual([x, y, turn]);
      cleanup();
    }
    expect(shown(told(0, 0, { plane: null as never })).said()).toBe(35);
  });

  it("follows a pointer that drags it: half a degree a pixel round, 0.3 up or down, no farther than it goes", async () => {
    const { canvas, said, turn, tilt } = shown(told(0, -1));
    const [x0, y0] = [100, 50];
    await fireEvent.pointerMove(canvas, { clientX: 400, clientY: 400 }); // nobody holds it
    expect([said(), tilt.valueAsNumber]).toEqual([35, 38]);
    await fireEvent.pointerDown(canvas, { clientX: x0, clientY: y0, pointerId: 1 });
    await fireEvent.pointerMove(canvas, { clientX: x0 + 20, clientY: y0 + 10 });
    expect([said(), turn.valueAsNumber, Math.round(tilt.valueAsNumber)]).toEqual([25, 25, 41]);
    await fireEvent.pointerMove(canvas, { clientX: x0 - 400, clientY: y0 + 1000 });
    expect([said(), tilt.valueAsNumber]).toEqual([-125, 85]); // 25 + 210 degrees, said from -180 to 180
    await fireEvent.pointerMove(canvas, { clientX: x0 - 400, clientY: y0 - 1000 });
    expect(tilt.valueAsNumber).toBe(10);
    await fireEvent.pointerUp(canvas);
    await fireEvent.pointerMove(canvas, { clientX: 0, clientY: 0 });
    expect([said(), tilt.valueAsNumber]).toEqual([-125, 10]);
    turn.value = "-40";
    await fireEvent.input(turn);
    expect(said()).toBe(-40);
  });

  it("is as high as 0.78 of its width, and no higher than 460 px", () => {
    expect(shown(told(0, -1)).canvas.style.height).toBe("390px");
    cleanup();
    Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, get: () => 900 });
    expect(shown(told(0, -1)).canvas.style.height).toBe("460px");
  });

  it("has each way up to the step that is looked at, each with its dashes, the full gradient on top", async () => {
    const { canvas } = shown(told(2, 0), 1);
    await painted();
    expect([canvas.width, canvas.height, scaled]).toEqual([500, 390, [1, 1]]);
    const ways = strokes.filter(({ width }) => width === 2.4 || width === 4.5);
    // half a cell a piece: the full gradient goes one column in its first step, the other one column and half a row
    const [full, mini] = [ways.filter(({ width }) => width === 2.4), ways.filter(({ width }) => width === 4.5)];
    expect([full.length, mini.length]).toEqual([2, 3]);
    expect(full.every(({ dashes }) => dashes.length === 0)).toBe(true);
    expect(mini.every(({ dashes }) => String(dashes) === "7,4")).toBe(true);
    expect(ways.at(-1)?.width).toBe(2.4);
  });
});

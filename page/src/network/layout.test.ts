import { describe, expect, it } from "vitest";
import { neighbour, outputsRoom, planOf, slotsOf } from "./layout";

const VIDEOS = [
  { size: 784, shown: [0, 1, 782, 783] },
  { size: 3, shown: [0, 1, 2] },
  { size: 2, shown: [0, 1] },
];

describe("slotsOf", () => {
  it("puts dots where the neurons' numbers jump, at the ends too", () => {
    expect(slotsOf({ size: 10, shown: [1, 2, 5] })).toEqual([
      { left: 1 },
      { neuron: 1, at: 0 },
      { neuron: 2, at: 1 },
      { left: 2 },
      { neuron: 5, at: 2 },
      { left: 4 },
    ]);
  });
});

describe("planOf", () => {
  it("puts columns in equal steps and the dots of 780 inputs in the middle", () => {
    const plan = planOf(VIDEOS, 720);
    const [inputs, hidden, outputs] = plan.columns;
    expect(inputs?.gaps).toEqual([{ x: 30, y: plan.height / 2 + 21, count: 780 }]);
    expect((hidden?.x ?? 0) - (inputs?.x ?? 0)).toBe((outputs?.x ?? 0) - (hidden?.x ?? 0));
  });

  it("leaves every neuron the 34 px of a finger", () => {
    for (const width of [320, 720, 1400])
      for (const column of planOf(VIDEOS, width).columns) expect(column.pitch).toBeGreaterThanOrEqual(34);
  });
});

describe("the plan's measures", () => {
  it("are those of a wide screen and of a narrow one", () => {
    for (const [width, room, radii] of [
      [320, 84, [6, 10, 10]],
      [519, 84, [6, 10, 10]],
      [520, 148, [8, 13, 13]],
      [1400, 148, [8, 13, 13]],
    ] as const) {
      const plan = planOf(VIDEOS, width);
      expect([outputsRoom(width), plan.columns.map(({ radius }) => radius)]).toEqual([room, radii]);
      expect([plan.columns[0]?.x, plan.columns.at(-1)?.x]).toEqual([30, width - room]);
      // the inputs take the most: four neurons and the dots
      expect(plan.height).toBe(52 + 5 * 34 + 10);
      expect(plan.columns.map(({ pitch }) => pitch)).toEqual([34, 54, 54]);
      for (const { spots, gaps } of plan.columns) {
        const ys = [...spots, ...gaps].map(({ y }) => y);
        expect((Math.min(...ys) + Math.max(...ys)) / 2).toBeCloseTo(52 + (5 * 34) / 2);
        for (const { x } of [...spots, ...gaps]) expect(x).toBe(plan.columns.find((one) => one.gaps === gaps)?.x);
      }
    }
  });

  it("are kept by a network of one layer, and of none", () => {
    expect(planOf([{ size: 2, shown: [0, 1] }], 600).columns[0]?.x).toBe(30);
    expect(planOf([], 600)).toEqual({ width: 600, height: 52 + 34 + 10, columns: [] });
  });
});

describe("neighbour", () => {
  const plan = planOf(VIDEOS, 720);
  it("goes up and down within a layer and stops at its ends", () => {
    expect(neighbour(plan, "1.0", "down")?.neuron).toBe(1);
    expect(neighbour(plan, "1.0", "up")).toBeNull();
  });
  it("goes to the nearest neuron of the layer beside, never to the inputs", () => {
    expect(neighbour(plan, "1.2", "right")).toMatchObject({ layer: 2, neuron: 1 });
    expect(neighbour(plan, "1.2", "left")).toBeNull();
  });
  it("takes the upper one of two that are as near", () => {
    const shapes = [VIDEOS[0], { size: 1, shown: [0] }, { size: 2, shown: [0, 1] }].flatMap((shape) => shape ?? []);
    expect(neighbour(planOf(shapes, 720), "1.0", "right")).toMatchObject({ layer: 2, neuron: 0 });
  });
  it("begins at the first neuron where there is none yet", () => {
    expect(neighbour(plan, "", "down")).toMatchObject({ layer: 1, neuron: 0 });
  });
});

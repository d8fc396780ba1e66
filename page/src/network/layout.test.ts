import { describe, expect, it } from "vitest";
import { neighbour, planOf, slotsOf } from "./layout";

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
  it("begins at the first neuron where there is none yet", () => {
    expect(neighbour(plan, "", "down")).toMatchObject({ layer: 1, neuron: 0 });
  });
});

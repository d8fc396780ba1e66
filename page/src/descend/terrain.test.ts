import { describe, expect, it } from "vitest";
import type { SurfaceTold } from "./api";
import { merged } from "./merged";
import { geoPathOf } from "./outline";
import { inShortPieces } from "./relief";
import { css, heightAt, heightShare, levelsBetween, mixed, seenFrom, tintOf } from "./terrain";
import { parameterInWords } from "./words";

describe("terrain", () => {
  it("has levels that are evenly apart as shares of its height", () => {
    const levels = levelsBetween(2, 10, 4);
    expect(levels).toEqual([2, 2.5, 4, 6.5]);
    expect(levels.map((level) => heightShare(level, 2, 10))).toEqual([0, 0.25, 0.5, 0.75]);
  });

  it("is as high between four places as their weighted mean", () => {
    const rows = [
      [0, 1],
      [2, 7],
    ];
    expect(heightAt(rows, 0, 0)).toBe(0);
    expect(heightAt(rows, 1, 1)).toBe(7);
    expect(heightAt(rows, 0.5, 0.5)).toBe(2.5);
    expect(heightAt(rows, 9, -9)).toBe(1);
  });

  it("is seen from above as it lies, and from the side as high as it is", () => {
    const above = seenFrom(0, 90)(0.3, 0.4, 5);
    expect([above.x, above.y]).toEqual([0.3, expect.closeTo(-0.4)]);
    expect(seenFrom(0, 0)(0.3, 0.4, 0.7).y).toBeCloseTo(-0.7);
    const turned = seenFrom(90, 90)(1, 0, 0);
    expect([turned.x, turned.y]).toEqual([expect.closeTo(0), expect.closeTo(-1)]);
    expect(seenFrom(0, 30)(0, 1, 0).depth).toBeGreaterThan(seenFrom(0, 30)(0, -1, 0).depth);
  });

  it("has the tint of water below, of sand above, and of hardly any in the middle", () => {
    const palette = { above: [0, 0, 200], below: [200, 100, 0], ink: [0, 0, 0], paper: [100, 100, 100] } as const;
    const tints = [0, 0.25, 0.5, 0.75, 1].map((share) =>
      tintOf(share, palette).map((one) => Math.round(100 * one) / 100),
    );
    // 42 % of the way to the one colour, 5 % in the middle, 38 % to the other
    expect(tints).toEqual([
      [58, 58, 142],
      [76.5, 76.5, 123.5],
      [95, 95, 105],
      [116.5, 97.5, 83.5],
      [138, 100, 62],
    ]);
    expect(mixed([0, 10, 20], [10, 20, 40], 0.25)).toEqual([2.5, 12.5, 25]);
    expect(css([1.4, 2.5, 3.6])).toBe("rgb(1 3 4)");
  });

  it("is flat where all costs are one, and ends at its lowest and highest", () => {
    expect([-1, 0, 1, 5].map((cost) => heightShare(cost, 0, 1))).toEqual([0, 0, 1, 1]);
    expect(heightShare(3, 3, 3)).toBe(0);
    expect(levelsBetween(0, 256)).toEqual(Array.from({ length: 16 }, (_, i) => i ** 2));
  });

  it("cuts long pieces of a path", () => {
    const places = inShortPieces([
      [0, 0],
      [2, 0],
    ]);
    expect(places).toEqual([
      [0, 0],
      [0.5, 0],
      [1, 0],
      [1.5, 0],
      [2, 0],
    ]);
  });

  it("draws rings", () => {
    const ring = [
      [0, 0],
      [1, 0],
      [0, 1],
    ];
    expect(
      geoPathOf(
        [[ring]],
        (x) => 2 * x,
        (y) => 10 - y,
      ),
    ).toBe("M0.0 10.0L2.0 10.0L0.0 9.0Z");
  });
});

describe("what is told of a surface", () => {
  const descent = (n_steps: number[], cost: number[]) => ({
    mini_batch_size: 0,
    name: "full gradient",
    n_steps,
    cost,
    seconds: cost,
    n_examples: n_steps,
    length: cost,
    cosine: cost,
    angle: cost,
    mean_cosine: null,
    mean_angle: null,
    mean_length: null,
  });
  const told = (change: Partial<SurfaceTold>) =>
    ({
      id: "a",
      begins: false,
      plane: null,
      first_row: 0,
      rows: [],
      descents: [],
      ...change,
    }) as unknown as SurfaceTold;

  it("is put together, whatever is told twice", () => {
    const first = told({ begins: true, descents: [descent([0, 1], [9, 8])], rows: [[1]] });
    const second = told({ descents: [descent([1, 2], [8, 7])], first_row: 1, rows: [[2]] });
    const third = told({ descents: [descent([], [])], first_row: 2, rows: [] });
    const whole = merged(merged(merged(null, first), second), third);
    expect(whole.descents[0]?.cost).toEqual([9, 8, 7]);
    expect(whole.descents[0]?.n_steps).toEqual([0, 1, 2]);
    expect(whole.rows).toEqual([[1], [2]]);
  });
});

describe("words", () => {
  it("say where a weight runs", () => {
    const sizes = [784, 16, 16, 10];
    const named = { name: "", value: 0 };
    expect(parameterInWords({ ...named, layer: 1, neuron: 3, source: 400 }, sizes)).toBe(
      "pixel row 15, column 9 to neuron 3 of layer 1",
    );
    expect(parameterInWords({ ...named, layer: 3, neuron: 7, source: null }, sizes)).toBe("bias of output 7");
    expect(parameterInWords({ ...named, layer: 2, neuron: 0, source: 15 }, sizes)).toBe(
      "neuron 15 of layer 1 to neuron 0 of layer 2",
    );
  });
});

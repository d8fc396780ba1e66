import { describe, expect, it } from "vitest";
import { formatGround, formatLine, GROUND, parseGround, parseLine, parseSample } from "./address";

describe("the address of the landscape", () => {
  it("says a line and says it back", () => {
    for (const line of [
      { along: "weight", starts: [-4, 0.75, 4], reach: 5.5 },
      { along: "gradient", starts: [], reach: 1e-3 },
      { along: "random", starts: [-1e-7], reach: null },
    ] as const)
      expect(parseLine(formatLine({ ...line, starts: [...line.starts] }))).toEqual(line);
    expect(formatLine({ along: "weight", starts: [], reach: null })).toBe("");
    expect(parseLine("")).toEqual({ along: "weight", starts: [], reach: null });
    expect(parseLine("nonsense_x_r-3_1e9")).toEqual({ along: "weight", starts: [], reach: null });
  });

  it("says a plane and says it back", () => {
    for (const ground of [
      GROUND,
      { plane: "random", rate: 1e-3, steps: 99, sizes: [100, 1], untrained: true },
      { plane: "descent", rate: 2, steps: 30, sizes: [0], untrained: false },
    ] as const)
      expect(parseGround(formatGround({ ...ground, sizes: [...ground.sizes] }))).toEqual(ground);
    expect(formatGround(GROUND)).toBe("");
    expect(parseGround("descent_r-1_s1_b77_x")).toEqual(GROUND);
    expect(parseGround("descent_s9999").steps).toBe(500);
  });

  it("is not written in percents", () => {
    const text = formatGround({ ...GROUND, rate: 0.2, untrained: true });
    expect(new URLSearchParams({ plane: text }).toString()).toBe(`plane=${text}`);
  });

  it("keeps digits and seeds within bounds", () => {
    expect(parseSample("", "")).toEqual({ n: 1000, seed: 0 });
    expect(parseSample("99999", "-4")).toEqual({ n: 10_000, seed: 0 });
    expect(parseSample("0", "7.9")).toEqual({ n: 1, seed: 7 });
  });
});

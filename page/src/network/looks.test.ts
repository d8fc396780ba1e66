import { expect, it } from "vitest";
import { edgeOpacity, edgeWidth, fullOf, largestOf, shareOf, sideOf, stable } from "./looks";

it("measures sizes against the largest, and divides by one where all are zero", () => {
  expect(largestOf([[1, -4], [2]])).toBe(4);
  expect(largestOf([[0, 0]])).toBe(1);
  expect(shareOf(-2, 4)).toBe(0.5);
});

it("draws a larger number wider and darker, and nothing not at all", () => {
  expect(Number(edgeWidth(1))).toBeGreaterThan(Number(edgeWidth(0.5)));
  expect(Number(edgeOpacity(1))).toBeGreaterThan(Number(edgeOpacity(0.5)));
  expect(edgeOpacity(0)).toBe("0.00");
});

it("takes 1 for full, or the largest where the function has no top", () => {
  expect(fullOf([0.2, 0.4])).toBe(1);
  expect(fullOf([0, 3])).toBe(3);
});

it("calls zero above, as nothing speaks against it", () => {
  expect([sideOf(0), sideOf(2), sideOf(-2)]).toEqual(["above", "above", "below"]);
});

it("keeps an equal table, and takes a changed one", () => {
  const earlier = [[1, 2]];
  expect(stable(earlier, [[1, 2]])).toBe(earlier);
  expect(stable(earlier, [[1, 3]])).toEqual([[1, 3]]);
  expect(stable(undefined, [[1]])).toEqual([[1]]);
});

it("has widths and opacities that grow with the share, from a hair to full", () => {
  expect([0, 0.1, 0.5, 1].map(edgeWidth)).toEqual(["0.35", "0.64", "1.80", "3.25"]);
  expect([0, 0.0039, 0.004, 0.1, 0.5, 1].map(edgeOpacity)).toEqual(["0.00", "0.00", "0.05", "0.10", "0.41", "0.90"]);
  expect([shareOf(5, 4), shareOf(-3, 4)]).toEqual([1, 0.75]);
});

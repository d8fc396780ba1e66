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

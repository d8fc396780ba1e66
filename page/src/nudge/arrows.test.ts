import { expect, it } from "vitest";
import { arrowPath, lengthOf } from "./arrows";

const tips = (path: string) =>
  path
    .slice(1, -1)
    .split("L")
    .map((point) => point.split(" ").map(Number));

it("makes arrows as long as their numbers, up for above zero", () => {
  for (const length of [40, 3, -40, -0.5]) {
    const points = tips(arrowPath(length, "upright"));
    const ys = points.map(([, y]) => y as number);
    expect(length > 0 ? -Math.min(...ys) : -Math.max(...ys)).toBeCloseTo(length, 3);
    expect(Math.max(...ys) - Math.min(...ys)).toBeCloseTo(Math.abs(length), 3);
  }
});

it("points to the right above zero, to the left below", () => {
  expect(Math.max(...tips(arrowPath(30, "level")).map(([x]) => x as number))).toBe(30);
  expect(Math.min(...tips(arrowPath(-30, "level")).map(([x]) => x as number))).toBe(-30);
  expect(arrowPath(0, "level")).toBe("");
});

it("keeps the proportion of numbers", () => {
  expect(lengthOf(-1, 4, 80)).toBe(-20);
  expect(lengthOf(0, 0, 80)).toBe(0);
});

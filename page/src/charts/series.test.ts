import { expect, test } from "vitest";
import { legendPlaces, logEnds, logTicks, nearest, reach, sample } from "./series";

test("the nearest point is found on either side, and at the ends", () => {
  const points = [0, 10, 20].map((x) => ({ x, y: -x }));
  expect([-5, 4, 6, 14, 99].map((x) => nearest(points, x)?.x)).toEqual([0, 0, 10, 10, 20]);
  expect(nearest([], 1)).toBeUndefined();
});

test("a logarithmic axis has few ticks, all within its ends", () => {
  expect(logTicks(0.03, 3, 8)).toEqual([0.05, 0.1, 0.2, 0.5, 1, 2]);
  expect(logTicks(1e-4, 10, 6)).toEqual([1e-4, 1e-3, 1e-2, 0.1, 1, 10]);
  expect(logTicks(1e-8, 1, 5)).toEqual([1e-8, 1e-6, 1e-4, 1e-2, 1]);
});

test("a logarithmic axis leaves room around its values and bears zeros", () => {
  const [low, high] = logEnds([0, 1, 100, -3]);
  expect(low).toBeCloseTo(1 / 1.1);
  expect(high).toBeCloseTo(110);
  expect(logEnds([2])).toEqual([1, 4]);
  expect(logEnds([])).toEqual([0.1, 1]);
});

test("an axis of steps grows in doublings up to the run's length", () => {
  expect([0, 3, 9, 100, 9000, 18000, 20000].map((last) => reach(last, 18000))).toEqual([
    8, 8, 16, 128, 16384, 18000, 20000,
  ]);
});

test("a sample keeps both ends", () => {
  expect(sample([1, 2, 3], 5)).toEqual([1, 2, 3]);
  expect(sample([0, 1, 2, 3, 4, 5, 6, 7, 8], 3)).toEqual([0, 4, 8]);
});

test("a legend breaks into rows where it is too wide", () => {
  const places = legendPlaces(["one", "another", "a third one"], 200);
  expect(places.map((place) => place.row)).toEqual([0, 0, 1]);
  expect(places[2]?.left).toBe(0);
});

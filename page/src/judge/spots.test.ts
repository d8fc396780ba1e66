import { expect, test } from "vitest";
import { nearestSpot, spotsOf, spotTowards } from "./spots";

test("a map lies within its margins, to one scale, up being up", () => {
  const spots = spotsOf([0, 10, 5], [0, 0, 5], 120, 10);
  expect(spots).toEqual([
    { x: 10, y: 85 },
    { x: 110, y: 85 },
    { x: 60, y: 35 },
  ]);
  expect(spotsOf([3, 3], [1, 1], 100, 10)).toEqual([
    { x: 50, y: 50 },
    { x: 50, y: 50 },
  ]);
});

test("the nearest spot is found within reach only", () => {
  const spots = [
    { x: 0, y: 0 },
    { x: 10, y: 0 },
  ];
  expect(nearestSpot(spots, { x: 7, y: 0 }, 5)).toBe(1);
  expect(nearestSpot(spots, { x: 5, y: 9 }, 5)).toBe(-1);
});

test("arrow keys go to the next spot that way, and stay where there is none", () => {
  const spots = [
    { x: 0, y: 0 },
    { x: 10, y: 1 },
    { x: 4, y: 30 },
    { x: 25, y: 0 },
  ];
  expect(spotTowards(spots, 0, { x: 1, y: 0 })).toBe(1);
  expect(spotTowards(spots, 1, { x: 1, y: 0 })).toBe(3);
  expect(spotTowards(spots, 0, { x: 0, y: 1 })).toBe(2);
  expect(spotTowards(spots, 0, { x: -1, y: 0 })).toBe(0);
});

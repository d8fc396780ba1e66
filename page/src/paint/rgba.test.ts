import { expect, it } from "vitest";
import { inkOf } from "../lib/ink";
import { diverging, painted } from "./rgba";

it("paints ink as opacity, and a canvas's opacity is its ink", () => {
  const ink = new Uint8Array([0, 128, 255]);
  expect([...painted(ink, [9, 8, 7])]).toEqual([9, 8, 7, 0, 9, 8, 7, 128, 9, 8, 7, 255]);
  expect([...inkOf(painted(ink, [9, 8, 7]))]).toEqual([0, 128, 255]);
});

it("shows which side of zero a number is on, the largest in full", () => {
  expect([...diverging([2, -1, 0], 2, [1, 1, 1], [5, 5, 5])]).toEqual([1, 1, 1, 255, 5, 5, 5, 128, 1, 1, 1, 0]);
});

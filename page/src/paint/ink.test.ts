import { expect, it } from "vitest";
import { diverging, fitted, halved, inkOf, inRows, painted } from "./ink";

it("takes a canvas's opacity for ink, and paints ink as opacity", () => {
  const ink = new Uint8Array([0, 128, 255]);
  expect([...painted(ink, [9, 8, 7])]).toEqual([9, 8, 7, 0, 9, 8, 7, 128, 9, 8, 7, 255]);
  expect([...inkOf(painted(ink, [9, 8, 7]))]).toEqual([0, 128, 255]);
});

it("halves a picture to means of four", () => {
  expect([...halved(new Uint8Array([0, 255, 4, 4, 255, 255, 4, 4, 0, 0, 1, 2, 0, 0, 3, 4]), 4)]).toEqual([
    191, 4, 0, 3,
  ]);
});

it("shows which side of zero a number is on, the largest in full", () => {
  expect([...diverging([2, -1, 0], 2, [1, 1, 1], [5, 5, 5])]).toEqual([1, 1, 1, 255, 5, 5, 5, 128, 1, 1, 1, 0]);
});

it("fits a wide picture into the middle of a square", () => {
  expect(fitted(40, 20, 280)).toEqual([0, 70, 280, 140]);
});

it("writes numbers in rows, one under another", () => {
  expect(inRows([0, 255, 7, 12], 2)).toBe("  0 255\n  7  12");
});

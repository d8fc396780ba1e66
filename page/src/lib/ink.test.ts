import { expect, it } from "vitest";
import { fitted, halved, inRows } from "./ink";

it("halves a picture to means of four", () => {
  expect([...halved(new Uint8Array([0, 255, 4, 4, 255, 255, 4, 4, 0, 0, 1, 2, 0, 0, 3, 4]), 4)]).toEqual([
    191, 4, 0, 3,
  ]);
});

it("fits a wide picture into the middle of a square", () => {
  expect(fitted(40, 20, 280)).toEqual([0, 70, 280, 140]);
});

it("writes numbers in rows, one under another", () => {
  expect(inRows([0, 255, 7, 12], 2)).toBe("  0 255\n  7  12");
});

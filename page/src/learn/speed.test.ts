import { expect, test } from "vitest";
import { FLAT_OUT, positionOf, speedAt, speedInWords } from "./speed";

test("the slider runs from one a second to flat out", () => {
  expect(speedAt(0)).toBe(1);
  expect(speedAt(FLAT_OUT - 1)).toBe(1000);
  expect(speedAt(FLAT_OUT)).toBe(0);
});

test("every speed of the slider leads back to its position", () => {
  for (let position = 0; position <= FLAT_OUT; position++) expect(positionOf(speedAt(position))).toBe(position);
});

test("speeds beyond the slider stand at its ends", () => {
  expect([positionOf(0.1), positionOf(5000), positionOf(0)]).toEqual([0, FLAT_OUT - 1, FLAT_OUT]);
});

test("speeds in words", () => {
  expect([0, 1, 31].map(speedInWords)).toEqual(["flat out", "one mini-batch a second", "31 mini-batches a second"]);
});

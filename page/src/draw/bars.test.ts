import { expect, it } from "vitest";
import { barAt, barPaths } from "./bars";

it("draws what is above zero up and what is below down, the largest to the edge", () => {
  expect(barPaths([2, -1], 2, 20, 42)).toEqual({
    above: "M1.40 21h7.20v-20.00h-7.20z",
    below: "M11.40 21h7.20v10.00h-7.20z",
  });
});

it("finds the bar that was pressed, the ends included", () => {
  expect([barAt(0, 16), barAt(0.5, 16), barAt(1, 16)]).toEqual([0, 8, 15]);
});

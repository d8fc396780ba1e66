import { expect, it } from "vitest";
import { anchorAt, endsOf } from "./scale";

it("shows all numbers and zero, with air on both sides", () => {
  expect(endsOf([2, 8], 0.25)).toEqual([-2, 10]);
  expect(endsOf([0], 0.5)).toEqual([-0.5, 0.5]);
});

it("leans texts inwards at the ends", () => {
  expect([0, 0.5, 1].map(anchorAt)).toEqual(["start", "middle", "end"]);
});

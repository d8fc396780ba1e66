import { expect, it } from "vitest";
import { CUSTOMARY, formatSteps, parseSteps } from "./steps";

it("finds steps again in their address", () => {
  const steps = { learning_rate: 0.2, n_steps: 20, n_beside: 100 };
  expect(formatSteps(steps)).toBe("0.2_20_100");
  expect(parseSteps("0.2_20_100")).toEqual(steps);
  expect(formatSteps(CUSTOMARY)).toBe("");
});

it("keeps to what is customary where an address says what is not possible", () => {
  for (const text of ["", "-1_0_x", "1e9_101_-5", "__", "NaN_2.5_0.5"]) expect(parseSteps(text)).toEqual(CUSTOMARY);
});

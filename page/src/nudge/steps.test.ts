import { expect, it } from "vitest";
import { CUSTOMARY, formatSteps, parseSteps, TRIES } from "./steps";

it("finds steps again in their address", () => {
  const steps = { learning_rate: 0.2, n_steps: 20, n_beside: 100 };
  expect(formatSteps(steps)).toBe("0.2_20_100");
  expect(parseSteps("0.2_20_100")).toEqual(steps);
  expect(formatSteps(CUSTOMARY)).toBe("");
});

it("tries what can be asked for, few large steps first, and then more and smaller ones", () => {
  for (const [learning_rate, n_steps] of TRIES) {
    const steps = { learning_rate, n_steps, n_beside: 100 };
    expect(parseSteps(formatSteps(steps))).toEqual(steps);
  }
  // what each comes to, the rate times the steps, and how large the steps are
  expect(TRIES.map(([rate, n]) => [rate, Math.round(rate * n * 10) / 10])).toEqual([
    [1, 1],
    [0.5, 2.5],
    [0.3, 3],
    [0.2, 4],
    [0.1, 5],
    [0.05, 5],
    [0.2, 12],
    [0.1, 10],
  ]);
});

it("keeps to what is customary where an address says what is not possible", () => {
  for (const text of ["", "-1_0_x", "1e9_101_-5", "__", "NaN_2.5_0.5"]) expect(parseSteps(text)).toEqual(CUSTOMARY);
});

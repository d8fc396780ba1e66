/** How an example is taught, as the address says it: RATE_STEPS_AMONG. */
import type { Place } from "../lib/address";
import type { Steps } from "./api";

export const CUSTOMARY: Steps = { learning_rate: 1, n_steps: 1, n_beside: 0 };
export const MOST_RATE = 1000;
export const MOST_STEPS = 100;
const MOST_BESIDE = 10_000;

/** Return the steps that an address says; what is not possible stays as is customary. */
export function parseSteps(text: string): Steps {
  const [rate = NaN, n = NaN, beside = NaN] = text.split("_").map((part) => (part === "" ? NaN : Number(part)));
  const isCount = (value: number, least: number, most: number) =>
    Number.isInteger(value) && value >= least && value <= most;
  return {
    learning_rate: rate > 0 && rate <= MOST_RATE ? rate : CUSTOMARY.learning_rate,
    n_steps: isCount(n, 1, MOST_STEPS) ? n : CUSTOMARY.n_steps,
    n_beside: isCount(beside, 0, MOST_BESIDE) ? beside : CUSTOMARY.n_beside,
  };
}

/** Return how the address says steps; "" for the customary ones. */
export function formatSteps({ learning_rate, n_steps, n_beside }: Steps): string {
  const text = [learning_rate, n_steps, n_beside].join("_");
  return text === [CUSTOMARY.learning_rate, CUSTOMARY.n_steps, CUSTOMARY.n_beside].join("_") ? "" : text;
}

/** Return how many training digits an address has asked about their wishes, drawn by which seed, and about which weights. */
export const parseMany = ({ digits, seed, by }: Place) => ({
  n: Number(digits) >= 1 ? Math.min(MOST_BESIDE, Math.trunc(Number(digits))) : 100,
  seed: Number(seed) || 0,
  by: by === "dispute" ? ("dispute" as const) : ("slope" as const),
});

/** Steps that may teach an example, the gentlest last; which do is found out by taking them. */
export const TRIES: readonly [number, number][] = [
  [1, 1],
  [0.5, 5],
  [0.3, 10],
  [0.2, 20],
  [0.1, 50],
  [0.05, 100],
  [0.2, 60],
  [0.1, 100],
];

/** What ten outputs come to: a digit and how sure that is, or none and why. As glassnet's reader decides it. */
import type { Calibration } from "./arithmetic";

export interface Verdict {
  /** Null is "not a digit". */
  digit: number | null;
  /** Calibrated; null of a network that was not taught what is no digit. */
  confidence: number | null;
  reason: string | null;
  /** The digit whose output is largest, whatever the verdict. */
  largest: number;
}

const LEAST_OUTPUT = 1e-6;
const RIVAL = 0.3;
const LEAST_RIVAL = 0.2;

/** Return the verdict on outputs. */
export function decide(outputs: Float64Array, calibration: Calibration | null): Verdict {
  const [first = 0, second = 0] = [...outputs.keys()].sort((i, j) => at(outputs, j) - at(outputs, i) || i - j);
  const [most, next] = [at(outputs, first), at(outputs, second)];
  if (!calibration) return { digit: first, confidence: null, reason: null, largest: first };
  const a = Math.min(Math.max(most, LEAST_OUTPUT), 1 - LEAST_OUTPUT);
  // confidence = sigmoid(slope * ln(a / (1 - a)) + offset)
  const confidence = 1 / (1 + Math.exp(-(calibration.slope * Math.log(a / (1 - a)) + calibration.offset)));
  if (confidence >= calibration.at_least) return { digit: first, confidence, reason: null, largest: first };
  const areRivals = most > LEAST_RIVAL && next > RIVAL * most;
  const reason = areRivals ? `a ${Math.min(first, second)} or a ${Math.max(first, second)}` : "unlike any digit";
  return { digit: null, confidence, reason, largest: first };
}

/** Return the verdict where what was drawn says more: nothing there, too little ink, or why it was rejected. */
export function explained(
  verdict: Verdict,
  calibration: Calibration | null,
  drawn: { isBlank: boolean; hasTooLittle: boolean; oddity: string | null },
): Verdict {
  if (!calibration) return verdict;
  if (drawn.isBlank) return { ...verdict, digit: null, confidence: 0, reason: "nothing there" };
  if (drawn.hasTooLittle) return { ...verdict, digit: null, reason: "too little ink" };
  return verdict.digit === null && drawn.oddity ? { ...verdict, reason: drawn.oddity } : verdict;
}

const at = (values: Float64Array, i: number): number => values[i] ?? NaN;

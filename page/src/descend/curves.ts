/** The cost of the descents as lines of a chart: by steps, by digits used, by seconds. */
import { logEnds, type Axis, type Series } from "../charts/series";
import { inDigits, shown, whole } from "../lib/numbers";
import type { DescentTold } from "./api";
import { lookOf } from "./words";

export type Against = "n_steps" | "n_examples" | "seconds";

// Digits and seconds go over powers of ten: one step of one descent takes as many as a thousand of another.
const isLog = (by: Against) => by !== "n_steps";

/** Return the lines; on a logarithmic axis the start, where nothing was used, has no place. */
export function costLines(descents: DescentTold[], by: Against): Series[] {
  return descents.map((descent) => ({
    name: lookOf(descent.mini_batch_size).short,
    points: descent.cost.flatMap((y, k) => {
      const x = descent[by][k] ?? 0;
      if (!isLog(by)) return [{ x, y }];
      return x > 0 ? [{ x: Math.log10(x), y }] : [];
    }),
    look: lookOf(descent.mini_batch_size).look,
  }));
}

const seconds = (value: number) =>
  value < 0.1 ? `${shown(1000 * value, value < 0.01 ? 1 : 0)} ms` : `${shown(value, 2)} s`;

/** Return the axis below the lines. */
export function acrossAxis(lines: Series[], by: Against): Axis {
  const xs = lines.flatMap((line) => line.points.map((point) => point.x));
  const high = Math.max(...xs, 0.001);
  if (!isLog(by)) {
    const show = (value: number) => whole(Math.round(value));
    return { name: "steps", low: 0, high: Math.max(high, 1), log: false, show, read: show };
  }
  const show = (value: number) => (by === "seconds" ? seconds(10 ** value) : whole(Math.round(10 ** value)));
  const low = Math.min(...xs, high - 1);
  return { name: by === "seconds" ? "time" : "digits used", low, high, log: false, show, read: show };
}

/** Return the axis of costs beside the lines. */
export function costsAxis(lines: Series[]): Axis {
  const [low, high] = logEnds(lines.flatMap((line) => line.points.map((point) => point.y)));
  const show = inDigits(3);
  const margin = (high - low) * 0.04;
  return { name: "cost", low: low - margin, high: high + margin, log: false, show, read: inDigits(5) };
}

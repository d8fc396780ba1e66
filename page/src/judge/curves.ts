/** What the charts of this view draw. */
import type { Axis, Series } from "../charts/series";
import { inDigits, inPercent, shown } from "../lib/numbers";
import type { ChoiceTold, DamageCurve, OthersJudged, TestJudged } from "./api";
import type { Side } from "./judged.svelte";

const SHARE = { log: false, show: inPercent(0), read: inPercent(2) };

export const shareAxis = (name: string, low = 0, high = 1): Axis => ({ ...SHARE, name, low, high });

export const confidenceAxis = (name: string): Axis => ({
  name,
  low: 0,
  high: 1,
  log: false,
  show: inDigits(1),
  read: inDigits(2),
});

/** Return what a threshold buys: one of the 101 that are told, or the network's own. */
export const choiceAt = (test: TestJudged, least: number | null): ChoiceTold =>
  (least === null ? null : test.choices[least]) ?? test.own;

const DIAGONAL: Series = {
  name: "as sure as right",
  points: [
    { x: 0, y: 0 },
    { x: 1, y: 1 },
  ],
  look: 3,
  thin: true,
};

/** Return the lines of a reliability diagram. */
export function reliability(sides: Side[], tests: (TestJudged | null)[]): Series[] {
  const lines = sides.map((side, i) => ({
    name: side.title,
    points: (tests[i]?.calibration ?? [])
      .filter((bin) => bin.n > 0)
      .map((bin) => ({ x: bin.confidence, y: bin.accuracy })),
    look: side.look,
    dots: true,
  }));
  return [...lines, DIAGONAL];
}

const drawn = (choice: ChoiceTold) =>
  choice.accuracy === null ? [] : [{ x: choice.coverage, y: choice.accuracy as number }];

/** Return accuracy over coverage, and where each network is at the threshold. */
export function bought(sides: Side[], tests: (TestJudged | null)[], least: number | null): Series[] {
  return sides.flatMap((side, i) => {
    const test = tests[i];
    if (!test) return [];
    const line = {
      name: side.title,
      points: test.choices.flatMap(drawn).reverse(),
      look: side.look,
    };
    const name = least === null ? "at its own" : `at ${(least / 100).toFixed(2)}`;
    const here = { name, points: drawn(choiceAt(test, least)), look: side.look, dots: true };
    return [line, here];
  });
}

/** Return an axis of coverage that begins where the lines do. */
export function coverageAxis(series: Series[]): Axis {
  const least = Math.min(1, ...series.flatMap((one) => one.points.map((point) => point.x)));
  const low = Math.min(0.9, Math.max(0, Math.floor(10 * least - 1e-9) / 10));
  return {
    ...SHARE,
    name: "coverage: % of the digits that are accepted",
    low,
    high: 1,
    show: (value) => shown(100 * value, 0),
  };
}

/** Return the lowest tenth of a percent, or ten of them, that lies below all points. */
export function floorOf(series: Series[]): number {
  const least = Math.min(1, ...series.flatMap((one) => one.points.map((point) => point.y)));
  const step = least > 0.99 ? 0.005 : least > 0.9 ? 0.02 : 0.1;
  return Math.max(0, Math.floor(least / step - 1e-9) * step);
}

/** Return the shares accepted over the threshold: of a set, and thin of the test digits. */
export function accepted(sides: Side[], sets: (OthersJudged | null)[], tests: (TestJudged | null)[]): Series[] {
  const at = (i: number) => i / 100;
  const own = sides.map((side, i) => ({
    name: side.title,
    points: (sets[i]?.accepted ?? []).map((y, n) => ({ x: at(n), y })),
    look: side.look,
  }));
  const digits = sides.map((side, i) => ({
    name: "its test digits",
    points: (tests[i]?.choices ?? []).map((choice) => ({ x: choice.at_least, y: choice.coverage })),
    look: side.look,
    thin: true,
  }));
  return sides.flatMap((_, i) => [own[i] as Series, digits[i] as Series]);
}

/** Return accuracy over the amount of a damage, and the amount that is tried. */
export function damageLines(
  sides: Side[],
  curves: (DamageCurve | null)[],
  tried: ({ amount: number; accuracy: number } | null)[],
): Series[] {
  return sides.flatMap((side, i) => {
    const curve = curves[i];
    const here = tried[i];
    if (!curve) return [];
    const line = {
      name: side.title,
      points: curve.amounts.map((x, n) => ({ x, y: curve.accuracies[n] ?? NaN })),
      look: side.look,
    };
    const point = {
      name: here ? `at ${shown(here.amount, Number.isInteger(here.amount) ? 0 : 2)}` : "…",
      points: here ? [{ x: here.amount, y: here.accuracy }] : [],
      look: side.look,
      dots: true,
    };
    return [line, point];
  });
}

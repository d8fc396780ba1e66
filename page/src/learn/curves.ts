/** The curves of runs as a chart draws them. */
import { scaleLinear } from "d3-scale";
import { logEnds, reach, type Axis, type Series } from "../charts/series";
import type { RunNews } from "../lib/api";
import { inDigits, inPercent, shown, whole } from "../lib/numbers";
import { expectedSteps } from "./history";
import { titleOf } from "./settings";

const LONGEST_NAME = 28;
const short = (text: string) => (text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME - 1)}…` : text);

/** Return the cost curves: of the run looked at its mini-batches and its epochs, of those beside it one line each. */
export function costSeries(news: RunNews, beside: RunNews[]): Series[] {
  const batches = news.costs.map((point) => ({ x: point.moment, y: point.cost }));
  const epochs = news.moments.flatMap((one) => (one.cost === null ? [] : [{ x: one.moment, y: one.cost }]));
  const isAlone = beside.length === 0;
  return [
    { name: isAlone ? "mini-batches" : short(titleOf(news.run)), points: batches, look: 0, thin: isAlone },
    ...(isAlone ? [{ name: "mean of the epoch so far", points: epochs, look: 1 }] : []),
    ...beside.map((other, i) => ({
      name: short(titleOf(other.run)),
      points: other.costs.map((point) => ({ x: point.moment, y: point.cost })),
      look: i + 1,
    })),
  ];
}

/** Return the accuracy curves: of the run looked at on test and training digits, of those beside it on test digits. */
export function accuracySeries(news: RunNews, beside: RunNews[]): Series[] {
  const isAlone = beside.length === 0;
  const test = (one: RunNews) => one.moments.map((moment) => ({ x: moment.epoch, y: moment.test_accuracy }));
  const train = news.moments.map((moment) => ({ x: moment.epoch, y: moment.train_accuracy }));
  return [
    { name: isAlone ? "test digits" : short(titleOf(news.run)), points: test(news), look: 0 },
    ...(isAlone ? [{ name: "training digits", points: train, look: 1 }] : []),
    ...beside.map((other, i) => ({
      name: short(titleOf(other.run)),
      points: test(other),
      look: i + 1,
    })),
  ];
}

const steps = (value: number) => whole(Math.round(value));
const cost = inDigits(4);
const accuracy = inPercent(2);

/** Return the axis of steps that holds these runs. */
export function stepsAxis(all: RunNews[]): Axis {
  const ends = all.map((one) => reach(one.run.moment, expectedSteps(one.run, one.mini_batch_size)));
  return { name: "steps", low: 0, high: Math.max(...ends), log: false, show: steps, read: steps };
}

/** Return the axis of epochs that holds these runs. */
export function epochsAxis(all: RunNews[]): Axis {
  // In the first epochs of a slow run the axis grows with it, as that of the steps does.
  const ends = all.map(({ run }) => {
    if (run.state === "finished" || run.state === "failed") return run.epoch;
    return Math.min(Math.max(run.settings.epochs, run.epoch), 2 ** Math.ceil(Math.log2(Math.max(run.epoch, 1 / 64))));
  });
  const high = Math.max(...ends, 1 / 64);
  const digits = high < 0.1 ? 4 : 2;
  return {
    name: "epochs",
    low: 0,
    high,
    log: false,
    show: (value) => shown(value, value % 1 ? digits : 0),
    read: (value) => shown(value, digits),
  };
}

/** Return a cost as short as a tick is: no zeros at its end, a power of ten where it is huge. */
function costTick(value: number): string {
  if (value >= 1e4) return value.toExponential(0).replace("e+", "e");
  return shown(value, value >= 0.0995 ? 3 : 4)
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");
}

/** Return the axis of the cost that holds these lines. */
export function costAxis(series: Series[], log: boolean): Axis {
  const values = series.flatMap((one) => one.points.map((point) => point.y)).filter(Number.isFinite);
  if (log) {
    const [low, high] = logEnds(values);
    return { name: "cost", low, high, log, show: costTick, read: cost };
  }
  const [low = 0, high = 1] = scaleLinear([0, Math.max(...values, 1e-6)], [0, 1])
    .nice(5)
    .domain();
  return { name: "cost", low, high, log, show: costTick, read: cost };
}

/** Return the axis of accuracy: all of it, or its upper fifth. */
export function accuracyAxis(isClose: boolean): Axis {
  return {
    name: "accuracy",
    low: isClose ? 0.8 : 0,
    high: 1,
    log: false,
    show: inPercent(0),
    read: accuracy,
  };
}

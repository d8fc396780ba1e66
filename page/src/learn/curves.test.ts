import { expect, test } from "vitest";
import type { RunNews } from "../lib/api";
import { accuracyAxis, accuracySeries, costAxis, costSeries, epochsAxis, stepsAxis } from "./curves";
import { VIDEOS } from "./settings";

function newsOf(name: string, moment: number, state: "running" | "finished"): RunNews {
  return {
    run: {
      id: "abcdefgh",
      name,
      settings: VIDEOS,
      state,
      sentence: "",
      moment,
      epoch: moment / 600,
      seconds: 1,
      cost: 0.1,
      train_accuracy: 0.9,
      test_accuracy: 0.8,
      n_parameters: 13_002,
    },
    learning_rate: 1,
    mini_batch_size: 100,
    steps_per_second: 0,
    costs: [
      { moment: 1, cost: 2.5 },
      { moment, cost: 0.02 },
    ],
    mini_batches_per_point: 1,
    moments: [
      { moment: 0, epoch: 0, cost: null, train_accuracy: 0.1, test_accuracy: 0.11 },
      { moment, epoch: moment / 600, cost: 0.1, train_accuracy: 0.9, test_accuracy: 0.8 },
    ],
    layers: [],
    troubles: [],
  };
}

test("a run alone is drawn by mini-batches and epochs, on test and training digits", () => {
  const news = newsOf("mine", 600, "running");
  const cost = costSeries(news, []);
  expect(cost.map((one) => one.name)).toEqual(["mini-batches", "mean of the epoch so far"]);
  expect(cost[1]?.points).toEqual([{ x: 600, y: 0.1 }]);
  const accuracy = accuracySeries(news, []);
  expect(accuracy.map((one) => one.points.at(-1))).toEqual([
    { x: 1, y: 0.8 },
    { x: 1, y: 0.9 },
  ]);
});

test("beside others each run is one line under its name, each in a look of its own", () => {
  const all = costSeries(newsOf("mine", 600, "running"), [
    newsOf("yours", 9, "finished"),
    newsOf("x".repeat(50), 9, "finished"),
  ]);
  expect(all.map((one) => one.look)).toEqual([0, 1, 2]);
  expect(all.map((one) => one.name.length)).toEqual([4, 5, 28]);
});

test("the axes hold the longest run", () => {
  const all = [newsOf("a", 600, "finished"), newsOf("b", 5000, "running")];
  expect(stepsAxis(all).high).toBe(8192);
  expect(epochsAxis(all).high).toBe(16);
  expect(epochsAxis([newsOf("a", 18_000, "finished")]).high).toBe(30);
  expect([0, 2, 2.5].map(epochsAxis(all).show)).toEqual(["0", "2", "2.50"]);
  expect(epochsAxis([newsOf("a", 1, "running")]).show(0.004)).toBe("0.0040");
});

test("costs are shown with the digits that tell them apart", () => {
  const axis = costAxis(costSeries(newsOf("mine", 600, "running"), []), false);
  expect([axis.low, axis.high]).toEqual([0, 2.5]);
  expect([0, 0.5, 2.5, 0.02, 200, 1e22].map(axis.show)).toEqual(["0", "0.5", "2.5", "0.02", "200", "1e22"]);
  // three digits above a tenth, four below: ticks of eighths and of a twentieth of a tenth are told apart
  expect([0.125, 0.375, 0.1, 0.0995, 0.09949, 0.0025, 9999.5, 1e4].map(axis.show)).toEqual([
    "0.125",
    "0.375",
    "0.1",
    "0.1",
    "0.0995",
    "0.0025",
    "9999.5",
    "1e4",
  ]);
  expect(costAxis([], true).low).toBeGreaterThan(0);
});

test("accuracy is in percent, at the ticks without decimals", () => {
  expect(accuracyAxis(false).show(0.2)).toBe("20 %");
  expect(accuracyAxis(true).read(0.9487)).toBe("94.87 %");
  expect([accuracyAxis(false).low, accuracyAxis(true).low]).toEqual([0, 0.8]);
});

import { expect, test } from "vitest";
import type { Moment, RunTold } from "../lib/api";
import { expectedSteps, indexOfMoment, momentIn, networkAt, pickedMoment } from "./history";
import { VIDEOS } from "./settings";

const moments: Moment[] = [0, 100, 600, 1200].map((moment) => ({
  moment,
  epoch: moment / 600,
  cost: null,
  train_accuracy: 0,
  test_accuracy: 0,
}));
const run: RunTold = {
  id: "abcdefgh",
  name: "",
  settings: VIDEOS,
  state: "running",
  sentence: "",
  moment: 1200,
  epoch: 2,
  seconds: 0.1,
  cost: null,
  train_accuracy: 0,
  test_accuracy: 0,
  n_parameters: 13_002,
};

test("the network in hand says which moment of the run is shown", () => {
  expect(momentIn("run:abcdefgh@600", "abcdefgh")).toBe(600);
  expect(momentIn("run:abcdefgh", "abcdefgh")).toBeNull();
  expect(momentIn("run:other123@600", "abcdefgh")).toBeNull();
  expect(momentIn("run:abcdefgh@x", "abcdefgh")).toBeNull();
  for (const moment of [null, 0, 42]) expect(momentIn(networkAt("abcdefgh", moment), "abcdefgh")).toBe(moment);
});

test("a moment that the history has not kept is shown at its nearest", () => {
  expect([null, 0, 140, 5000].map((moment) => indexOfMoment(moments, moment))).toEqual([3, 0, 1, 3]);
});

test("a press on a chart leads to the nearest moment, at its end to now", () => {
  expect(pickedMoment(moments, 590, "moment")).toBe(600);
  expect(pickedMoment(moments, 0.9, "epoch")).toBe(600);
  expect(pickedMoment(moments, 1e6, "moment")).toBeNull();
  expect(pickedMoment([], 1, "moment")).toBeNull();
});

test("the end of a run is foreseen from what is left of it", () => {
  expect(expectedSteps(run, 100)).toBe(18_000);
  expect(expectedSteps(run, 10)).toBe(1200 + 168_000);
  expect(expectedSteps({ ...run, state: "finished" }, 100)).toBe(1200);
});

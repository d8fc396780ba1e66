import { expect, it } from "vitest";
import { Changes, holding, withChange } from "./changes.svelte";

const bias = (value: number) => ({ layer: 1, neuron: 3, source: null, value });
const weight = (value: number) => ({ layer: 1, neuron: 3, source: 5, value });

it("takes a slider that is still held for one change", () => {
  const held = withChange(withChange([], bias(1), false), bias(2), true);
  expect(held).toEqual([bias(2)]);
  expect(withChange(held, bias(3), false)).toEqual([bias(2), bias(3)]);
  expect(withChange(held, bias(2), false)).toBe(held);
  expect(withChange(held, weight(3), true)).toEqual([bias(2), weight(3)]);
});

it("holds the last value of each number", () => {
  expect(holding([bias(1), weight(2), bias(3)])).toEqual([weight(2), bias(3)]);
});

it("undoes one change at a time and resets a network without touching the other", () => {
  const changes = new Changes();
  changes.set("videos", bias(1), false);
  changes.set("videos", bias(2), false);
  changes.set("reader", weight(4), false);
  changes.undo("videos");
  expect(changes.chosen("videos")).toEqual({ network: "videos", changes: [bias(1)] });
  changes.reset("videos");
  expect(changes.count("videos")).toBe(0);
  expect(changes.count("reader")).toBe(1);
});

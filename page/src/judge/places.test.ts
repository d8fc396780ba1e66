import { expect, test } from "vitest";
import { changesInText } from "./api";
import { formatLeast, layerName, parseCell, parseDamage, parseLayer, parseLeast } from "./places";

test("a threshold is said in hundredths, and none is each network's own", () => {
  expect(["", "0", "0.07", "0.9", "1", "1.5", "-1", "x"].map(parseLeast)).toEqual([
    null,
    0,
    7,
    90,
    100,
    null,
    null,
    null,
  ]);
  for (let i = 0; i <= 100; i++) expect(parseLeast(formatLeast(i))).toBe(i);
  expect(formatLeast(null)).toBe("");
});

test("a cell is a label and an answer", () => {
  expect(parseCell("4.9")).toEqual({ label: 4, answer: 9 });
  expect(["", "4", "4.10", "a.b"].map(parseCell)).toEqual([null, null, null, null]);
});

test("a damage has an amount, which may have a point or a minus", () => {
  const read = (text: string) => {
    const { told, amount } = parseDamage(text);
    return [told.kind, amount];
  };
  expect(["turn.30", "scale.0.7", "shift.-2.5", "noise", "", "melt.3", "turn.x"].map(read)).toEqual([
    ["turn", 30],
    ["scale", 0.7],
    ["shift", -2.5],
    ["noise", 0.3],
    ["turn", 30],
    ["turn", 30],
    ["turn", 30],
  ]);
});

test("a layer is one that there is, else the last hidden one", () => {
  expect(["", "0", "1", "3", "4", "x"].map((text) => parseLayer(text, 4))).toEqual([2, 0, 1, 3, 2, 2]);
  expect([0, 1, 2, 3].map((layer) => layerName(layer, 4))).toEqual([
    "the pixels",
    "hidden layer 1",
    "hidden layer 2",
    "the outputs",
  ]);
});

test("changes by hand are said in the address where the body is a file", () => {
  const bias = { layer: 1, neuron: 3, source: null, value: -2.5 };
  const weight = { layer: 2, neuron: 0, source: 15, value: 1e-7 };
  expect(changesInText([bias, weight])).toBe("1_3_b_-2.5*2_0_15_1e-7");
  expect(changesInText()).toBe("");
});

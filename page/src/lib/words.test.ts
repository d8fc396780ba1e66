import { expect, it } from "vitest";
import { layerName, neuronName, shortLayerName, sourceName } from "./words";

it("names layers and neurons, an output by its digit", () => {
  expect([0, 1, 2, 3].map((layer) => layerName(layer, 4))).toEqual([
    "inputs",
    "hidden layer 1",
    "hidden layer 2",
    "outputs",
  ]);
  expect(neuronName(1, 3, 4)).toBe("hidden layer 1, neuron 3");
  expect(neuronName(3, 7, 4)).toBe("output 7");
  expect(shortLayerName(2, 4)).toBe("hidden 2");
});

it("names a pixel by its row and column, counted from one", () => {
  expect(sourceName(1, 0)).toBe("pixel 1, 1");
  expect(sourceName(1, 29)).toBe("pixel 2, 2");
  expect(sourceName(2, 29)).toBe("neuron 29");
});

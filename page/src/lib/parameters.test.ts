import { expect, it } from "vitest";
import { formatParameter, hasParameter, parameterInWords, parseParameter } from "./parameters";

it("reads and writes places of weights and biases", () => {
  for (const text of ["w1.3.400", "b3.7"]) {
    const place = parseParameter(text);
    expect(place && formatParameter(place)).toBe(text);
  }
  expect(parseParameter("w1.3.400")).toEqual({ layer: 1, neuron: 3, source: 400 });
  expect(parseParameter("weights[0][3, 400]")).toEqual({ layer: 1, neuron: 3, source: 400 });
  expect(parseParameter(" biases[2][7]")).toEqual({ layer: 3, neuron: 7, source: null });
  for (const text of ["", "0.3", "a.b.c", "0.3.-1", "0.3.b.1", "w0.3.400", "w1.3.b", "b3.7.1"])
    expect(parseParameter(text)).toBe(null);
});

it("takes what an old address names for the weight that it meant", () => {
  expect(parseParameter("0.3.400")).toEqual(parseParameter("weights[0][3, 400]"));
  expect(parseParameter("2.7.b")).toEqual(parseParameter("biases[2][7]"));
});

it("knows which a network has", () => {
  const sizes = [784, 16, 10];
  expect(hasParameter(sizes, { layer: 1, neuron: 15, source: 783 })).toBe(true);
  expect(hasParameter(sizes, { layer: 2, neuron: 9, source: null })).toBe(true);
  expect(hasParameter(sizes, { layer: 1, neuron: 16, source: 0 })).toBe(false);
  expect(hasParameter(sizes, { layer: 2, neuron: 0, source: 16 })).toBe(false);
  expect(hasParameter(sizes, { layer: 3, neuron: 0, source: 0 })).toBe(false);
  expect(hasParameter(sizes, { layer: 0, neuron: 0, source: null })).toBe(false);
});

it("says them in words", () => {
  expect(parameterInWords({ layer: 1, neuron: 3, source: 400 }, 4)).toBe(
    "the weight from the pixel in row 15, column 9 to hidden layer 1, neuron 3",
  );
  expect(parameterInWords({ layer: 2, neuron: 3, source: 5 }, 4)).toBe(
    "the weight from hidden layer 1, neuron 5 to hidden layer 2, neuron 3",
  );
  expect(parameterInWords({ layer: 3, neuron: 7, source: null }, 4)).toBe("the bias of output 7");
});

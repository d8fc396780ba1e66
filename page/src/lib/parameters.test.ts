import { expect, it } from "vitest";
import { formatParameter, hasParameter, parameterInWords, parseParameter } from "./parameters";

it("reads and writes places of weights and biases", () => {
  for (const text of ["0.3.400", "2.7.b"]) {
    const place = parseParameter(text);
    expect(place && formatParameter(place)).toBe(text);
  }
  expect(parseParameter("weights[0][3, 400]")).toEqual({ layer: 0, to: 3, source: 400 });
  expect(parseParameter(" biases[2][7]")).toEqual({ layer: 2, to: 7, source: null });
  for (const text of ["", "0.3", "a.b.c", "0.3.-1", "0.3.b.1"]) expect(parseParameter(text)).toBe(null);
});

it("knows which a network has", () => {
  const sizes = [784, 16, 10];
  expect(hasParameter(sizes, { layer: 0, to: 15, source: 783 })).toBe(true);
  expect(hasParameter(sizes, { layer: 1, to: 9, source: null })).toBe(true);
  expect(hasParameter(sizes, { layer: 0, to: 16, source: 0 })).toBe(false);
  expect(hasParameter(sizes, { layer: 1, to: 0, source: 16 })).toBe(false);
  expect(hasParameter(sizes, { layer: 2, to: 0, source: 0 })).toBe(false);
});

it("says them in words", () => {
  expect(parameterInWords({ layer: 0, to: 3, source: 400 }, 4)).toBe(
    "the weight from the pixel in row 15, column 9 to hidden layer 1, neuron 3",
  );
  expect(parameterInWords({ layer: 2, to: 7, source: null }, 4)).toBe("the bias of output 7");
});

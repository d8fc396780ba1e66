import { expect, it } from "vitest";
import { formatExample, parseExample, parseNeuron, stepped } from "./sources";

it("reads the examples that an address can name", () => {
  expect(parseExample("test.8")).toEqual({ kind: "test", index: 8 });
  expect(parseExample("file.0")).toBeNull();
  expect(parseExample("test.-1")).toBeNull();
  expect(parseExample("")).toBeNull();
});

it("names only examples that another page could ask for too", () => {
  const example = { kind: "noise", index: 3, label: null, width: 28, height: 28, ink: "", normalise: false, about: "" };
  expect(formatExample(example)).toBe("noise.3");
  expect(formatExample({ ...example, kind: "image" })).toBe("");
  expect(formatExample(null)).toBe("");
});

it("goes round the end of the test digits", () => {
  expect(stepped(0, -1)).toBe(9999);
  expect(stepped(9999, 1)).toBe(0);
});

it("knows neurons that the network has, and no inputs", () => {
  const sizes = [784, 16, 10];
  expect(parseNeuron("1.15", sizes)).toEqual({ layer: 1, index: 15 });
  expect(parseNeuron("1.16", sizes)).toBeNull();
  expect(parseNeuron("0.3", sizes)).toBeNull();
  expect(parseNeuron("1.", sizes)).toBeNull();
  expect(parseNeuron("", sizes)).toBeNull();
});

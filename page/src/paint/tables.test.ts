import { expect, test } from "vitest";
import { colourShare, parseColour, pixelsOf, tableOfInk, tableOfWeights, type Palette } from "./tables";

const palette: Palette = { above: [0, 0, 200], below: [200, 100, 0], ink: [10, 10, 10], paper: [250, 250, 250] };

test("weights go from orange over paper to blue", () => {
  const pixels = pixelsOf(Uint8Array.of(1, 128, 255, 0), tableOfWeights(palette));
  expect([...pixels]).toEqual([200, 100, 0, 255, 250, 250, 250, 255, 0, 0, 200, 255, 200, 100, 0, 255]);
});

test("a quarter of the largest weight has half of its colour", () => {
  expect(colourShare(-0.25)).toBe(0.5);
  const [red] = pixelsOf(Uint8Array.of(96), tableOfWeights({ ...palette, paper: [0, 0, 0] }));
  expect(red).toBe(Math.round(200 * Math.sqrt(32 / 127)));
});

test("digits go from paper to ink", () => {
  expect([...pixelsOf(Uint8Array.of(0, 255), tableOfInk(palette))]).toEqual([250, 250, 250, 255, 10, 10, 10, 255]);
});

test("colours are read as the browser tells them", () => {
  expect(parseColour("rgb(31, 95, 174)")).toEqual([31, 95, 174]);
  expect(parseColour("rgba(1, 2, 3, 0.5)")).toEqual([1, 2, 3]);
});

import { expect, test } from "vitest";
import {
  digitsOf,
  formatHidden,
  freshName,
  parseHidden,
  PRESETS,
  sizesInWords,
  summaryOf,
  titleOf,
  VIDEOS,
} from "./settings";

test("layers are read however they are set apart", () => {
  expect(parseHidden("16, 16")).toEqual([16, 16]);
  expect(parseHidden(" 100 ")).toEqual([100]);
  expect(parseHidden("30x20 × 10;5")).toEqual([30, 20, 10, 5]);
  expect(parseHidden("")).toEqual([]);
});

test("what is no layer is refused with the reason", () => {
  expect(parseHidden("16, zwei")).toContain("“zwei”");
  expect(parseHidden("0")).toContain("“0”");
  expect(parseHidden("1025")).toContain("from 1 to 1024");
  expect(parseHidden("1.5")).toContain("“1.5”");
  expect(parseHidden("1 2 3 4 5 6 7")).toContain("At most 6");
});

test("layers written are layers read", () => {
  for (const preset of PRESETS)
    expect(parseHidden(formatHidden(preset.settings.hidden))).toEqual(preset.settings.hidden);
});

test("a run without a name is called by its sizes", () => {
  expect(sizesInWords([])).toBe("784-10");
  expect(titleOf({ name: "", settings: VIDEOS })).toBe("784-16-16-10");
  expect(titleOf({ name: "mine", settings: VIDEOS })).toBe("mine");
});

test("the summary says what differs from the videos' way", () => {
  expect(summaryOf(VIDEOS)).toBe("sigmoid · quadratic cost · η = 1 · mini-batches of 100 · 30 epochs of 60,000 digits");
  const other = summaryOf({ ...VIDEOS, output_activation: "softmax", learning_rate: 0.25, seed: 7, deform: true });
  expect(other).toContain("outputs softmax");
  expect(other).toContain("η = 0.25");
  expect(other).toContain("deformed anew");
  expect(other).toContain("seed 7");
});

test("a number is shown with the digits it was chosen with", () => {
  expect([1, 0.5, 0.003, 12.25].map(digitsOf)).toEqual([0, 1, 3, 2]);
});

test("a new run's name is its own, and short enough", () => {
  expect(freshName("mine", ["yours"])).toBe("mine");
  expect(freshName("mine", ["mine", "mine (2)"])).toBe("mine (3)");
  const long = "x".repeat(80);
  expect(freshName(long, [])).toHaveLength(60);
  expect(freshName(long, ["x".repeat(60)]).length).toBeLessThanOrEqual(60);
});

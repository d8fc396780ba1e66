import { expect, test } from "vitest";
import type { TestJudged } from "./api";
import * as curves from "./curves";

const sides = [
  { which: "network", network: "videos", title: "the videos'", look: 0 },
  { which: "beside", network: "reader", title: "the reader", look: 1 },
] as never;
const choice = (i: number, accuracy: number | null = 0.9 + i / 1000) => ({
  at_least: i / 100,
  coverage: 1 - i / 200,
  accuracy,
});
const choices = Array.from({ length: 101 }, (_, i) => choice(i, i === 100 ? null : undefined));
const judged = {
  choices,
  own: { at_least: 0.345, coverage: 0.8, accuracy: 0.99 },
  calibration: [
    { n: 0, confidence: 0.05, accuracy: null },
    { n: 1, confidence: 0.15, accuracy: 0.1 },
    { n: 9, confidence: 0.95, accuracy: 0.97 },
  ],
} as unknown as TestJudged;

test("a threshold in hundredths is the one that is told, none is the network's own", () => {
  for (let i = 0; i <= 100; i++) expect(curves.choiceAt(judged, i)).toBe(choices[i]);
  expect(curves.choiceAt(judged, null)).toBe(judged.own);
  expect(curves.choiceAt(judged, 101)).toBe(judged.own);
});

test("a reliability diagram has the bins that hold a digit, and a diagonal", () => {
  const [first, second, diagonal] = curves.reliability(sides, [judged, null]);
  expect(first?.points).toEqual([
    { x: 0.15, y: 0.1 },
    { x: 0.95, y: 0.97 },
  ]);
  expect([first?.look, first?.dots, second?.look, second?.points]).toEqual([0, true, 1, []]);
  expect(diagonal).toMatchObject({
    thin: true,
    look: 3,
    points: [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
  });
});

test("accuracy over coverage goes from few digits to all, with the place of the threshold", () => {
  const [line, here, ...none] = curves.bought(sides, [judged, null], 7);
  expect(none).toEqual([]);
  expect(line?.points.length).toBe(100); // the last accepts none and has no accuracy
  expect([line?.points[0], line?.points.at(-1)]).toEqual([
    { x: 1 - 99 / 200, y: 0.9 + 99 / 1000 },
    { x: 1, y: 0.9 },
  ]);
  expect(here).toEqual({ name: "at 0.07", points: [{ x: 0.965, y: 0.907 }], look: 0, dots: true });
  expect(curves.bought(sides, [judged, null], null)[1]).toMatchObject({
    name: "at its own",
    points: [{ x: 0.8, y: 0.99 }],
  });
});

test("axes begin at a tenth or less below all that is drawn", () => {
  const line = (x: number) => [{ name: "", points: [{ x, y: x }], look: 0 }];
  expect([1, 0.95, 0.9, 0.61, 0.6, 0.05, 0].map((x) => curves.coverageAxis(line(x)).low)).toEqual(
    [0.9, 0.9, 0.8, 0.6, 0.5, 0, 0].map((low) => expect.closeTo(low)),
  );
  expect([1, 0.993, 0.991, 0.95, 0.91, 0.9, 0.35, 0.05, 0].map((y) => curves.floorOf(line(y)))).toEqual(
    [0.995, 0.99, 0.99, 0.94, 0.9, 0.8, 0.3, 0, 0].map((low) => expect.closeTo(low)),
  );
  expect([curves.coverageAxis([]).low, curves.floorOf([])]).toEqual([0.9, expect.closeTo(0.995)]);
  expect(curves.coverageAxis(line(0.5)).show(0.5)).toBe("50");
  expect([curves.shareAxis("a").low, curves.shareAxis("a").high, curves.shareAxis("a", 0.2).low]).toEqual([0, 1, 0.2]);
  expect([curves.shareAxis("a").show(0.256), curves.shareAxis("a").read(0.25678)]).toEqual(["26 %", "25.68 %"]);
  const confidence = curves.confidenceAxis("sure");
  expect([confidence.low, confidence.high, confidence.log]).toEqual([0, 1, false]);
  expect([confidence.show(0.25), confidence.read(0.256)]).toEqual(["0.3", "0.26"]);
});

test("what is accepted is drawn over the threshold, and thin of the test digits", () => {
  const set = { accepted: [1, 0.5, 0.25] } as never;
  const lines = curves.accepted(sides, [set, null], [judged, null]);
  expect(lines.map(({ name, look, thin }) => [name, look, thin])).toEqual([
    ["the videos'", 0, undefined],
    ["its test digits", 0, true],
    ["the reader", 1, undefined],
    ["its test digits", 1, true],
  ]);
  expect(lines[0]?.points).toEqual([
    { x: 0, y: 1 },
    { x: 0.01, y: 0.5 },
    { x: 0.02, y: 0.25 },
  ]);
  expect(lines[1]?.points[40]).toEqual({ x: 0.4, y: 0.8 });
});

test("a damage is drawn over its amounts, with the amount that is tried", () => {
  const curve = { amounts: [-1, 0, 2], accuracies: [0.8, 0.9, 0.7] } as never;
  const tried = (amount: number) => curves.damageLines(sides, [null, curve], [null, { amount, accuracy: 0.75 }]);
  expect(tried(1.25)).toEqual([
    {
      name: "the reader",
      points: [
        { x: -1, y: 0.8 },
        { x: 0, y: 0.9 },
        { x: 2, y: 0.7 },
      ],
      look: 1,
    },
    { name: "at 1.25", points: [{ x: 1.25, y: 0.75 }], look: 1, dots: true },
  ]);
  expect(tried(30)[1]?.name).toBe("at 30");
  expect(curves.damageLines(sides, [curve], [null])[1]).toMatchObject({ name: "…", points: [] });
});

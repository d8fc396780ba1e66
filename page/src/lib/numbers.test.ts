import { expect, it } from "vitest";
import { fineDigits, inDigits, inPercent, percent, shown, signed, whole } from "./numbers";

it("shows so many digits, a true minus, and no minus before what rounds to zero", () => {
  expect([1.005, -1.5, -0.001, 0, NaN, Infinity].map((value) => shown(value))).toEqual([
    "1.00",
    "−1.50",
    "0.00",
    "0.00",
    "–",
    "–",
  ]);
  expect([99_999.4, 1e5, -123_456, 1e-7].map((value) => shown(value, 1))).toEqual([
    "99999.4",
    "1.0e5",
    "−1.2e5",
    "0.0",
  ]);
});

it("puts a sign before what is seen to be above or below zero", () => {
  expect([1, -1, 0, 0.004, -0.004, 2e5].map((value) => signed(value))).toEqual([
    "+1.00",
    "−1.00",
    "0.00",
    "0.00",
    "0.00",
    "+2.00e5",
  ]);
});

it("shows shares in percent and thousands apart", () => {
  expect([percent(0.12345), percent(0.12345, 2), inPercent(0)(0.5), inDigits(1)(0.25)]).toEqual([
    "12.3 %",
    "12.35 %",
    "50 %",
    "0.3",
  ]);
  expect([0, 999, 1000, 1234567].map(whole)).toEqual(["0", "999", "1,000", "1,234,567"]);
});

it("takes as many digits as show five significant ones: three at least, ten at most", () => {
  for (let power = -12; power <= 6; power++) {
    const expected = Math.max(3, Math.min(10, 4 - power));
    for (const size of [1.0001, 5, 9.9999]) expect(fineDigits(-size * 10 ** power)).toBe(expected);
  }
  expect([0, NaN, Infinity].map(fineDigits)).toEqual([3, 3, 3]);
});

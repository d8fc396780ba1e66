import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { latest } from "./latest";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function slowEcho() {
  const begun: number[] = [];
  const heard: number[] = [];
  const asking = latest<number, number>(
    100,
    async (key) => {
      begun.push(key);
      await new Promise((done) => setTimeout(done, 50));
      if (key < 0) throw new Error("refused");
      return key;
    },
    (result) => heard.push(result),
    () => heard.push(NaN),
  );
  return { begun, heard, asking };
}

test("of many wishes the first and the last are fetched, one at a time", async () => {
  const { begun, heard, asking } = slowEcho();
  for (let key = 1; key <= 9; key++) asking.ask(key);
  expect(begun).toEqual([1]);
  await vi.advanceTimersByTimeAsync(149);
  expect(begun).toEqual([1]);
  await vi.advanceTimersByTimeAsync(200);
  expect([begun, heard]).toEqual([
    [1, 9],
    [1, 9],
  ]);
});

test("a refusal does not end the asking", async () => {
  const { heard, asking } = slowEcho();
  asking.ask(-1);
  asking.ask(2);
  await vi.advanceTimersByTimeAsync(300);
  expect(heard).toEqual([NaN, 2]);
});

test("after a stop nothing is heard of what was under way, and a new wish begins at once", async () => {
  const { begun, heard, asking } = slowEcho();
  asking.ask(1);
  asking.stop();
  asking.ask(2);
  expect(begun).toEqual([1, 2]);
  await vi.advanceTimersByTimeAsync(300);
  expect(heard).toEqual([2]);
});

import { flushSync } from "svelte";
import { expect, test } from "vitest";
import { steady } from "./steady.svelte";

test("a value that says the same stays the same, and nobody is told", () => {
  let sizes: number[] = $state.raw([784, 16, 10]);
  const told: number[][] = [];
  const end = $effect.root(() => {
    const now = steady(() => sizes.map((size) => size));
    $effect(() => void told.push(now()));
  });
  const put = (to: number[]) => {
    sizes = to;
    flushSync();
  };
  flushSync();
  put([784, 16, 10]);
  expect(told).toEqual([[784, 16, 10]]);
  put([784, 10]);
  put([784, 10]);
  expect(told).toEqual([
    [784, 16, 10],
    [784, 10],
  ]);
  end();
});

test("nothing is a value too", () => {
  let is: number | null | undefined = $state(undefined);
  const now = steady(() => is);
  expect(now()).toBe(undefined);
  is = null;
  expect(now()).toBe(null);
  is = 0;
  expect(now()).toBe(0);
});

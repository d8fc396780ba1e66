import { expect, test } from "vitest";
import { Turns } from "./turns.svelte";

const settle = () => new Promise((done) => setTimeout(done));

test("a few are at work, the others wait, and who does not want it any more is passed over", async () => {
  const turns = new Turns(2);
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const told: unknown[] = [];
  const come = (n: number) => {
    const abort = new AbortController();
    const work = () => {
      begun.push(n);
      return new Promise<number>((done) => ends.push(() => done(n)));
    };
    turns.in(work, abort.signal).then(
      (found) => told.push(found),
      (error: Error) => told.push(error.name),
    );
    return abort;
  };
  const aborts = [1, 2, 3, 4].map(come);
  await settle();
  expect([begun, turns.n]).toEqual([[1, 2], 4]);
  aborts[2]?.abort();
  ends[1]?.();
  await settle();
  expect([begun, told, turns.n]).toEqual([[1, 2, 4], [2, "AbortError"], 2]);
  for (const end of ends) end();
  await settle();
  expect([told, turns.n]).toEqual([[2, "AbortError", 1, 4], 0]);
  [5, 6, 7].forEach(come);
  await settle();
  expect(begun).toEqual([1, 2, 4, 5, 6]);
});

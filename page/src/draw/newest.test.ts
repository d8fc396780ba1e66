import { expect, it } from "vitest";
import { latestWins } from "./newest";

const settle = () => new Promise((done) => setTimeout(done));

it("works on the first wish, passes over those between, and ends with the newest", async () => {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const ask = latestWins<number>((wish) => {
    begun.push(wish);
    return new Promise((done) => ends.push(done));
  });
  for (const wish of [1, 2, 3, 4]) ask(wish);
  expect(begun).toEqual([1]);
  ends[0]?.();
  await settle();
  expect(begun).toEqual([1, 4]);
  ends[1]?.();
  await settle();
  expect(begun).toEqual([1, 4]);
});

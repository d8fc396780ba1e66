import { flushSync } from "svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Asking, type Manner } from "./asking.svelte";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

/** An asking whose answers are what was asked, after 50 milliseconds; what is below zero is refused. */
function echoing(manner?: Manner) {
  const asking = new Asking<number>(manner);
  const begun: number[] = [];
  const aborted: number[] = [];
  const echo = (n: number) => async (signal: AbortSignal) => {
    begun.push(n);
    signal.addEventListener("abort", () => aborted.push(n));
    await new Promise((done) => setTimeout(done, 50));
    if (n < 0) throw new Error(`not ${n}`);
    return n;
  };
  const standing = () => [asking.value, asking.problem, asking.isBusy];
  return { asking, begun, aborted, echo, ask: (n: number) => asking.ask(echo(n)), standing };
}

test("of many questions the first and the last are asked, one at a time, with a rest between", async () => {
  const { begun, ask, standing } = echoing({ gap: 100 });
  for (let n = 1; n <= 9; n++) ask(n);
  expect(begun).toEqual([1]);
  await pass(149);
  expect([begun, standing()]).toEqual([[1], [1, "", true]]);
  await pass(1);
  expect(begun).toEqual([1, 9]);
  await pass(50);
  expect(standing()).toEqual([9, "", false]);
  ask(10);
  await pass(99);
  expect([begun, standing()]).toEqual([
    [1, 9],
    [9, "", true],
  ]);
  await pass(1);
  expect(begun).toEqual([1, 9, 10]);
});

test("without a gap the newest question follows at once", async () => {
  const { begun, ask } = echoing({ gap: 0 });
  for (const n of [1, 2, 3]) ask(n);
  await pass(50);
  expect(begun).toEqual([1, 3]);
});

test("what overtakes is asked at once, and what it overtook is never heard of", async () => {
  const { begun, aborted, ask, standing } = echoing({ overtakes: true });
  ask(1);
  await pass(40);
  ask(2);
  expect([begun, aborted]).toEqual([[1, 2], [1]]);
  await pass(49);
  expect(standing()).toEqual([null, "", true]);
  await pass(1);
  expect([standing(), aborted]).toEqual([[2, "", false], [1]]);
  ask(-3);
  await pass(40);
  ask(4);
  await pass(49);
  expect(standing()).toEqual([2, "", true]);
});

test("an answer stays as long as is wished", async () => {
  const after = async (keeps: Manner["keeps"], n: number) => {
    const { ask, standing } = echoing({ keeps });
    ask(1);
    await pass(100);
    ask(n);
    const [meanwhile] = standing();
    await pass(100);
    return [meanwhile, ...standing()];
  };
  expect(await after("nothing", 2)).toEqual([null, 2, "", false]);
  expect(await after("nothing", -2)).toEqual([null, null, "not -2", false]);
  expect(await after("untilRefused", 2)).toEqual([1, 2, "", false]);
  expect(await after("untilRefused", -2)).toEqual([1, null, "not -2", false]);
  expect(await after("untilAnswered", 2)).toEqual([1, 2, "", false]);
  expect(await after("untilAnswered", -2)).toEqual([1, 1, "not -2", false]);
});

test("who keeps nothing is not given the answer to an earlier question", async () => {
  const { asking, ask } = echoing({ keeps: "nothing" });
  ask(1);
  ask(2);
  await pass(69);
  expect(asking.value).toBe(null);
  await pass(60);
  expect(asking.value).toBe(2);
});

test("a refusal is told until there is an answer, and does not end the asking", async () => {
  const { ask, standing } = echoing();
  ask(-1);
  await pass(60);
  expect(standing()).toEqual([null, "not -1", false]);
  ask(2);
  expect(standing()).toEqual([null, "not -1", true]);
  await pass(80);
  expect(standing()).toEqual([2, "", false]);
});

test("what is no answer leaves what is there", async () => {
  const { asking, ask, standing } = echoing();
  ask(1);
  await pass(100);
  asking.ask(async () => undefined);
  await pass(100);
  expect(standing()).toEqual([1, "", false]);
});

test("after a stop nothing is heard of what was under way, and a new question is asked at once", async () => {
  const { begun, aborted, asking, ask, standing } = echoing();
  ask(1);
  ask(2);
  asking.stop();
  expect([aborted, standing()]).toEqual([[1], [null, "", false]]);
  ask(3);
  expect(begun).toEqual([1, 3]);
  await pass(200);
  expect([begun, standing()]).toEqual([
    [1, 3],
    [3, "", false],
  ]);
});

test("it follows what a question is made of, but not what is read while it is asked", async () => {
  const { begun, aborted, asking, echo, standing } = echoing({ gap: 0 });
  let n: number | null | undefined = $state(1);
  let aside = $state(0);
  const end = $effect.root(() => {
    asking.follow(() => {
      const wish = n;
      return typeof wish === "number" ? (signal) => (void aside, echo(wish)(signal)) : wish;
    });
  });
  const put = (to: typeof n) => {
    n = to;
    flushSync();
  };
  flushSync();
  await pass(60);
  aside = 1;
  put(1);
  expect([begun, standing()]).toEqual([[1], [1, "", false]]);
  put(undefined);
  expect(standing()).toEqual([1, "", false]);
  put(null);
  expect(standing()).toEqual([null, "", false]);
  put(2);
  end();
  await pass(60);
  expect([begun, aborted, standing()]).toEqual([[1, 2], [2], [null, "", false]]);
});

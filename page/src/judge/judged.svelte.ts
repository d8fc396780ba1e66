/** Results that are asked for when what they are about changes; few at a time, since drawing goes through the same door. */
import { untrack } from "svelte";
import { Refused } from "../lib/api";
import { changes } from "../lib/changes.svelte";
import { place } from "../lib/place.svelte";
import { toldOf } from "../lib/session.svelte";

const AT_ONCE = 2;

/** How many requests are under way or wait for their turn. */
export const waiting = $state({ n: 0 });
let nBusy = 0;
const queue: (() => void)[] = [];

/** Do something when it is its turn; nothing if it is not wanted any more by then. */
async function inTurn<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  waiting.n += 1;
  try {
    if (nBusy >= AT_ONCE) await new Promise<void>((go) => queue.push(go));
    nBusy += 1;
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      nBusy -= 1;
      queue.shift()?.();
    }
  } finally {
    waiting.n -= 1;
  }
}

/** One of the two networks. */
export interface Side {
  /** Which of the two: also what its numbers' names begin with. */
  which: "network" | "beside";
  network: string;
  title: string;
  /** 0 for the network in hand and 1 for the one beside it: a line's look. */
  look: number;
}

/** Return the networks that are judged: two, or one where both are the same. */
export function sides(): Side[] {
  const titleOf = (network: string) => {
    const [, moment] = network.split("@");
    const title = toldOf(network)?.title ?? network;
    return moment ? `${title}, step ${moment}` : title;
  };
  const both = (["network", "beside"] as const).map((which, look) => ({
    which,
    network: place[which],
    title: titleOf(place[which]),
    look,
  }));
  return both[0]?.network === both[1]?.network ? both.slice(0, 1) : both;
}

/** What counts up when networks are to be judged again, such as a run that has gone on. */
export const round = $state({ n: 0 });

export class Judged<T> {
  now: T | null = $state.raw(null);
  problem = $state("");
  isBusy = $state(false);

  /** Keep to what the key says, while the component that calls this is shown; null is nothing to ask. */
  follow(key: () => string | null, work: (signal: AbortSignal) => Promise<T>, keepsOld = false): void {
    const text = $derived(key());
    $effect(() => {
      const wish = text;
      const abort = new AbortController();
      this.problem = "";
      this.isBusy = wish !== null;
      if (wish === null || !keepsOld) this.now = null;
      if (wish !== null) untrack(() => void this.#ask(work, abort.signal));
      return () => abort.abort();
    });
  }

  async #ask(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<void> {
    try {
      const found = await inTurn(() => work(signal), signal);
      if (!signal.aborted) this.now = found;
    } catch (error) {
      if (!signal.aborted) this.problem = error instanceof Error ? error.message : String(error);
    }
    if (!signal.aborted) this.isBusy = false;
  }
}

/** Return what tells a network with its changes from another; it changes when it is to be judged again. */
export const keyOf = (network: string, ...about: (string | number)[]): string =>
  JSON.stringify([changes.chosen(network), round.n, ...about]);

/** Return what was refused, and by which of HTTP's numbers; 0 where there was no answer. */
export const refusal = (error: unknown): { status: number; message: string } => ({
  status: error instanceof Refused ? error.status : 0,
  message: error instanceof Error ? error.message : String(error),
});

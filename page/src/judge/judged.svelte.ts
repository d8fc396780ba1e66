/** The networks that are judged, and how they are: anew when what it is about changes, a few at a time. */
import type { Chosen } from "../lib/api";
import { Asking, type Manner } from "../lib/asking.svelte";
import { changes } from "../lib/changes.svelte";
import { place } from "../lib/place.svelte";
import { toldOf } from "../lib/session.svelte";
import { steady } from "../lib/steady.svelte";
import { Turns } from "./turns.svelte";

export const turns = new Turns(2);

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

/**
 * Judge one after the other, as many as there are sides, and again when what it is about changes; call it while a
 * component is made. Nothing is judged where `about` returns null.
 */
export function judged<About, T>(
  sides: () => Side[],
  about: (i: number) => About | null,
  judge: (chosen: Chosen, about: About, signal: AbortSignal) => Promise<T>,
  keeps: Manner["keeps"] = "nothing",
): Asking<T>[] {
  return [0, 1].map((i) => {
    const asking = new Asking<T>({ overtakes: true, keeps });
    const asked = steady(() => {
      const network = sides()[i]?.network;
      const what = network === undefined ? null : about(i);
      return network === undefined || what === null ? null : { chosen: changes.chosen(network), what, round: round.n };
    });
    asking.follow(() => {
      const now = asked();
      return now && ((signal) => turns.in(() => judge(now.chosen, now.what, signal), signal));
    });
    return asking;
  });
}

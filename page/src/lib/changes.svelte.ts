/** What was changed by hand in each network, in the order it was done, so that it can be undone. */
import type { Change, Chosen } from "./api";

const isSame = (a: Change, b: Change) => a.layer === b.layer && a.neuron === b.neuron && a.source === b.source;

/** Return a list with one more change; one that goes on with the last (a slider still held) takes its place. */
export function withChange(list: Change[], change: Change, goesOn: boolean): Change[] {
  const last = list.at(-1);
  if (last && isSame(last, change) && last.value === change.value) return list;
  return [...(goesOn && last && isSame(last, change) ? list.slice(0, -1) : list), change];
}

/** Return what holds of a list: of several changes of one number the last. */
export function holding(list: Change[]): Change[] {
  return list.filter((change, i) => !list.slice(i + 1).some((later) => isSame(change, later)));
}

export class Changes {
  #of: Record<string, Change[]> = $state.raw({});
  /** How often something was done to the end: what is slow to find out is asked again only then. */
  settled = $state(0);

  /** Return a network with what was changed in it. */
  chosen(network: string): Chosen {
    return { network, changes: holding(this.#of[network] ?? []) };
  }

  count(network: string): number {
    return this.chosen(network).changes?.length ?? 0;
  }

  set(network: string, change: Change, goesOn: boolean): void {
    this.#put(network, withChange(this.#of[network] ?? [], change, goesOn));
  }

  settle(): void {
    this.settled += 1;
  }

  undo(network: string): void {
    this.#put(network, (this.#of[network] ?? []).slice(0, -1));
    this.settle();
  }

  reset(network: string): void {
    this.#put(network, []);
    this.settle();
  }

  #put(network: string, list: Change[]): void {
    this.#of = { ...this.#of, [network]: list };
  }
}

/** What was changed by hand, in all views. */
export const changes = new Changes();

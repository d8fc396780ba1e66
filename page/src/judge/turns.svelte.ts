/** Turns: a few at a time, since drawing goes through the same door. */

export class Turns {
  /** How many are at work or wait for their turn. */
  n = $state(0);
  #nBusy = 0;
  readonly #queue: (() => void)[] = [];

  constructor(readonly atOnce: number) {}

  /** Do something when it is its turn; nothing if it is not wanted any more by then. */
  async in<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    this.n += 1;
    try {
      if (this.#nBusy >= this.atOnce) await new Promise<void>((go) => this.#queue.push(go));
      this.#nBusy += 1;
      try {
        signal.throwIfAborted();
        return await work();
      } finally {
        this.#nBusy -= 1;
        this.#queue.shift()?.();
      }
    } finally {
      this.n -= 1;
    }
  }
}

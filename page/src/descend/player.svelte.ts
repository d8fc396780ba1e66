/** Steps that can be walked through: one by one, by a slider, or played. */

const isStill = (): boolean => matchMedia("(prefers-reduced-motion: reduce)").matches;

export class Player {
  isPlaying = $state(false);
  /** Where one has gone to; null stays at the last step, also when more come. */
  #at: number | null = $state(null);
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    readonly last: () => number,
    readonly stepMs: number,
  ) {
    $effect(() => () => this.pause());
  }

  get step(): number {
    return this.#at === null ? this.last() : Math.min(this.#at, this.last());
  }

  to(step: number): void {
    this.pause();
    this.#at = Math.min(Math.max(step, 0), this.last());
  }

  toggle(): void {
    if (this.isPlaying) {
      this.pause();
      return;
    }
    // Whoever wants no motion is shown the end at once.
    if (isStill()) {
      this.#at = null;
      return;
    }
    if (this.step >= this.last()) this.#at = 0;
    else this.#at = this.step;
    this.isPlaying = true;
    this.#timer = setInterval(() => {
      this.#at = (this.#at ?? 0) + 1;
      if (this.#at >= this.last()) this.pause();
    }, this.stepMs);
  }

  pause(): void {
    clearInterval(this.#timer);
    this.isPlaying = false;
  }
}

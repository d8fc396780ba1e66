/** Asking the server: one way for all that is asked, and asked anew when what it is about changes. */
import { untrack } from "svelte";
import { sentenceOf } from "./api";

/**
 * Asks for something. The signal aborts once nobody waits for the answer any more; undefined is no answer, as where a
 * refusal is told elsewhere: what is there stays.
 */
export type Question<T> = (signal: AbortSignal) => Promise<T | undefined>;

/** How something is asked. */
export interface Manner {
  /** Milliseconds of rest from an answer to the next question. */
  gap?: number;
  /**
   * Whether a question takes the place of the one that is under way, whose signal aborts. Else it waits for that one's
   * answer, so that never two are asked at once, and of those that wait only the newest is asked.
   */
  overtakes?: boolean;
  /** How long an answer stays when something else is asked: not at all, until that is refused, or until it is answered. */
  keeps?: "nothing" | "untilRefused" | "untilAnswered";
}

export class Asking<T> {
  value: T | null = $state.raw(null);
  /** Why there is no newer answer; "" where there is one. */
  problem = $state("");
  /** Whether what is there is not yet the answer to what was asked last. */
  isBusy = $state(false);

  readonly #manner: Required<Manner>;
  /** The question that waits for its turn. */
  #next: Question<T> | null = null;
  /** From a question to the end of the rest after its answer. */
  #round: AbortController | null = null;

  constructor({ gap = 20, overtakes = false, keeps = "untilRefused" }: Manner = {}) {
    this.#manner = { gap, overtakes, keeps };
  }

  /**
   * Ask the question that `wish` returns, and a new one whenever what it reads changes; call it while a component is
   * made. Where it returns null nothing is asked and no answer is there, where undefined nothing new is asked.
   */
  follow(wish: () => Question<T> | null | undefined): void {
    $effect(() => {
      const question = wish();
      untrack(() => {
        if (question) this.ask(question);
        else if (question === null) this.stop();
      });
    });
    $effect(() => () => this.stop());
  }

  /** Ask a question, when it is its turn. */
  ask(question: Question<T>): void {
    this.#next = question;
    this.isBusy = true;
    if (this.#manner.keeps === "nothing") this.#clear();
    if (this.#manner.overtakes) this.#leave();
    if (!this.#round) void this.#work();
  }

  /** Ask nothing any more, and have no answer. */
  stop(): void {
    this.#next = null;
    this.isBusy = false;
    this.#clear();
    this.#leave();
  }

  #clear(): void {
    this.value = null;
    this.problem = "";
  }

  #leave(): void {
    this.#round?.abort();
    this.#round = null;
  }

  #take(): Question<T> | null {
    const question = this.#next;
    this.#next = null;
    return question;
  }

  async #work(): Promise<void> {
    const { gap, keeps } = this.#manner;
    const { signal } = (this.#round = new AbortController());
    for (let question = this.#take(); question; question = this.#take()) {
      try {
        const found = await question(signal);
        if (signal.aborted) return;
        // One who keeps nothing does not want the answer to an earlier question either.
        if (found !== undefined && !(keeps === "nothing" && this.#next)) {
          this.value = found;
          this.problem = "";
        }
      } catch (error) {
        if (signal.aborted) return;
        if (keeps !== "untilAnswered") this.value = null;
        this.problem = sentenceOf(error);
      }
      this.isBusy = this.#next !== null;
      if (gap) await new Promise((done) => setTimeout(done, gap));
      if (signal.aborted) return;
    }
    this.#round = null;
  }
}

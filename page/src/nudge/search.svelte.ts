/** Looking for steps that teach an example: some are tried, and of those that do the one that moves the network least. */
import { sentenceOf } from "../lib/api";
import { shown } from "../lib/numbers";
import { lessonOf, type Lesson, type LessonTold, type Steps } from "./api";
import { TRIES } from "./steps";

const NO_DIGIT_BELOW = 0.5;

/** Return whether a lesson taught its example: the right answer, or, of no digit, no output above a half. */
export const isTaught = (told: LessonTold, wanted: number | null): boolean =>
  wanted === null ? Math.max(...told.after.outputs) < NO_DIGIT_BELOW : told.after.answer === wanted;

export class Search {
  said = $state("");
  isBusy = $state(false);
  #isStopped = false;

  stop(): void {
    this.#isStopped = true;
  }

  /** Try steps among so many other digits; return those that teach the example by the shortest way, or null. */
  async through(lesson: Lesson, nBeside: number): Promise<Steps | null> {
    this.isBusy = true;
    this.#isStopped = false;
    let best: { steps: Steps; length: number } | null = null;
    try {
      for (const [i, [rate, n]] of TRIES.entries()) {
        if (this.#isStopped) break;
        this.said = `trying ${i + 1} of ${TRIES.length} …`;
        const steps = { learning_rate: rate, n_steps: n, n_beside: nBeside };
        const told = await lessonOf(lesson, steps);
        if (isTaught(told, lesson.wanted) && told.length < (best?.length ?? Infinity))
          best = { steps, length: told.length };
      }
      if (best)
        this.said = `Of what was tried, ${best.steps.n_steps} steps of ${best.steps.learning_rate} teach it and move the network least, by ${shown(best.length, 3)}.`;
      else if (this.#isStopped) this.said = "Stopped.";
      else
        this.said = nBeside
          ? `Nothing that was tried teaches it among ${nBeside} others: its wish is one of ${nBeside + 1}. Learn it among fewer.`
          : "Nothing that was tried teaches it.";
    } catch (error) {
      this.said = sentenceOf(error);
    }
    this.isBusy = false;
    return best?.steps ?? null;
  }
}

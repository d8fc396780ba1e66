/** The moments of a run that one can slide back to. */
import type { Moment, RunTold } from "../lib/api";

/** Return the moment that a network's name says of a run, or null for the run as it is now. */
export function momentIn(network: string, id: string): number | null {
  const [run, moment] = network.split("@");
  return run === `run:${id}` && moment !== undefined && /^\d+$/.test(moment) ? Number(moment) : null;
}

/** Return the name of a run's network at a moment; null is now. */
export const networkAt = (id: string, moment: number | null): string =>
  moment === null ? `run:${id}` : `run:${id}@${moment}`;

/** Return the place in the history that is nearest to a moment; null is the newest. */
export function indexOfMoment(moments: Moment[], moment: number | null): number {
  if (moment === null) return moments.length - 1;
  let best = 0;
  moments.forEach((one, i) => {
    if (Math.abs(one.moment - moment) < Math.abs((moments[best] as Moment).moment - moment)) best = i;
  });
  return best;
}

/** Return the moment of the history nearest to an x of a chart; the newest counts as now, which is null. */
export function pickedMoment(moments: Moment[], x: number, by: "moment" | "epoch"): number | null {
  let best = moments.length - 1;
  moments.forEach((one, i) => {
    if (Math.abs(one[by] - x) < Math.abs((moments[best] as Moment)[by] - x)) best = i;
  });
  return best === moments.length - 1 ? null : ((moments[best] as Moment).moment ?? null);
}

/** Return how many steps a run will have taken at its end, to know where the axis of its curve ends. */
export function expectedSteps(run: RunTold, miniBatchSize: number): number {
  const isOver = run.state === "finished" || run.state === "failed";
  const epochsToCome = isOver ? 0 : Math.max(0, run.settings.epochs - run.epoch);
  return run.moment + Math.ceil((epochsToCome * run.settings.n_training) / miniBatchSize);
}

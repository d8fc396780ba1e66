/** What is asked of the run that is looked at. */
import type { RunNews } from "../lib/api";
import { Asking } from "../lib/asking.svelte";

interface At {
  news: RunNews;
  /** Null is now. */
  moment: number | null;
}

/** Ask something of a run at a moment, and of now again with every step; call it while a component is made. */
export function askingOf<T>(gap: number, at: () => At, ask: (id: string, moment?: number) => Promise<T>): Asking<T> {
  const id = $derived(at().news.run.id);
  const newest = $derived(at().news.run.moment);
  const moment = $derived(at().moment);
  const asking = new Asking<T>({ gap, keeps: "untilAnswered" });
  asking.follow(() => {
    const [run, then] = [id, moment ?? undefined];
    if (then === undefined) void newest;
    return () => ask(run, then);
  });
  return asking;
}

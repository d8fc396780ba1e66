/** The run that is looked at, as its event stream tells it. */
import { listenTo, newsOf, Refused, type RunNews } from "../lib/api";
import { session } from "../lib/session.svelte";

const RETRY_MS = 2000;

export class Watch {
  news: RunNews | null = $state.raw(null);
  /** Whether the stream is broken just now. */
  isLost = $state(false);
  /** Whether the server no longer knows the run. */
  isGone = $state(false);

  /** Follow a run until the returned function is called. */
  follow(id: string): () => void {
    this.news = null;
    this.isLost = false;
    this.isGone = false;
    let heard: RunNews | null = null;
    let frame = 0;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    let close: () => void = () => undefined;

    const show = () => {
      frame = 0;
      if (!heard) return;
      this.news = heard;
      tellTheList(heard);
    };
    // Several messages may come within a frame: the last of them is drawn.
    const hear = (news: RunNews) => {
      heard = news;
      frame ||= requestAnimationFrame(show);
    };
    const lose = (isLost: boolean) => {
      if (isOver) return;
      this.isLost = isLost;
      clearTimeout(retry);
      if (isLost) retry = setTimeout(() => void askAgain(), RETRY_MS);
    };
    // The browser takes up a broken stream by itself, but not one that was refused, as by a server that began anew.
    const askAgain = async () => {
      try {
        const news = await newsOf(id);
        if (isOver) return;
        hear(news);
        close();
        close = listenTo(id, hear, lose);
        this.isLost = false;
      } catch (error) {
        if (isOver) return;
        this.isGone = error instanceof Refused && (error.status === 404 || error.status === 422);
        if (this.isGone) close();
        else retry = setTimeout(() => void askAgain(), RETRY_MS);
      }
    };
    close = listenTo(id, hear, lose);
    void askFirst();
    async function askFirst(): Promise<void> {
      // The stream's first message may wait for something new; this does not.
      const news = await newsOf(id).catch(() => null);
      if (news && !isOver && !heard) hear(news);
    }
    return () => {
      isOver = true;
      close();
      clearTimeout(retry);
      cancelAnimationFrame(frame);
    };
  }
}

/** Keep the list of runs true to what was heard of one of them. */
function tellTheList(news: RunNews): void {
  const at = session.runs.findIndex((run) => run.id === news.run.id);
  if (at >= 0) session.runs[at] = news.run;
}

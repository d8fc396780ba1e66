/** The runs whose curves are laid over that of the run looked at. */
import { newsOf, type RunNews } from "../lib/api";

const AGAIN_MS = 1000;
const KEPT = "ticked";

export class Beside {
  ticked: string[] = $state(JSON.parse(sessionStorage.getItem(KEPT) ?? "[]") as string[]);
  #news: Record<string, RunNews> = $state.raw({});

  /** Tick a run, or take the tick away. */
  tick(id: string, isTicked: boolean): void {
    this.ticked = this.ticked.filter((other) => other !== id);
    if (isTicked) this.ticked.push(id);
    sessionStorage.setItem(KEPT, JSON.stringify(this.ticked));
  }

  /** Return what is known of the ticked runs other than this one. */
  others(id: string): RunNews[] {
    return this.ticked.flatMap((other) => {
      const news = this.#news[other];
      return news && other !== id ? [news] : [];
    });
  }

  /** Keep what is known of these runs true, until the returned function is called. */
  follow(ids: string[]): () => void {
    let isOver = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      const found = await Promise.all(ids.map((id) => newsOf(id).catch(() => null)));
      if (isOver) return;
      const known = { ...this.#news };
      found.forEach((news) => {
        if (news) known[news.run.id] = news;
      });
      this.#news = known;
      if (found.some((news) => news?.run.state === "running")) timer = setTimeout(() => void look(), AGAIN_MS);
    };
    if (ids.length > 0) void look();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }
}

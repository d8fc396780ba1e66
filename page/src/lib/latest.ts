/** Asking for what changes faster than it can be fetched: never two requests at once, and the latest wish wins. */

export interface Latest<Key> {
  /** Wish for this; an earlier wish that was not yet begun is forgotten. */
  ask: (key: Key) => void;
  /** Forget the wish, and the answer to what is under way. */
  stop: () => void;
}

/** Return a way to ask for things, one at a time and with a pause of `gap` milliseconds from one to the next. */
export function latest<Key, Result>(
  gap: number,
  fetchIt: (key: Key) => Promise<Result>,
  hear: (result: Result, key: Key) => void,
  fail: (error: unknown) => void,
): Latest<Key> {
  let wish: { key: Key } | null = null;
  let isBusy = false;
  let round = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function fetchWish(): Promise<void> {
    if (!wish) return;
    const { key } = wish;
    const mine = round;
    wish = null;
    isBusy = true;
    try {
      const result = await fetchIt(key);
      if (mine === round) hear(result, key);
    } catch (error) {
      if (mine === round) fail(error);
    }
    if (mine !== round) return;
    timer = setTimeout(() => {
      isBusy = false;
      void fetchWish();
    }, gap);
  }

  return {
    ask: (key) => {
      wish = { key };
      if (!isBusy) void fetchWish();
    },
    stop: () => {
      wish = null;
      round += 1;
      isBusy = false;
      clearTimeout(timer);
    },
  };
}

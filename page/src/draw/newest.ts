/** One request at a time: while one is on its way, only the newest wish is remembered. */

/** Return a function that has something worked on; wishes that come faster than the work are passed over. */
export function latestWins<T>(work: (wish: T) => Promise<void>): (wish: T) => void {
  let waiting: { wish: T } | null = null;
  let isBusy = false;

  async function run(): Promise<void> {
    isBusy = true;
    try {
      while (waiting) {
        const { wish } = waiting;
        waiting = null;
        await work(wish);
      }
    } finally {
      isBusy = false;
    }
  }

  return (wish) => {
    waiting = { wish };
    if (!isBusy) void run();
  };
}

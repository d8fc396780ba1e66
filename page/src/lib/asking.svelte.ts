/** What a panel asks for: asked anew when what it depends on changes, never twice at once, the newest wins. */
import { latest } from "./latest";

const REST_MS = 20;

export class Asking<T> {
  value: T | null = $state.raw(null);
  problem = $state("");
  /** Whether what is shown is not yet the answer to what was asked last. */
  isBusy = $state(false);

  /** Ask whatever `wish` returns, anew whenever what it reads changes; call it while a component is made. */
  follow(wish: () => (() => Promise<T>) | null): void {
    let nWishes = 0;
    const asking = latest<{ ask: () => Promise<T>; n: number }, T>(
      REST_MS,
      ({ ask }) => ask(),
      (value, { n }) => {
        this.value = value;
        this.problem = "";
        if (n === nWishes) this.isBusy = false;
      },
      (error) => {
        this.value = null;
        this.problem = error instanceof Error ? error.message : String(error);
        this.isBusy = false;
      },
    );
    $effect(() => {
      const ask = wish();
      nWishes += 1;
      if (ask) {
        this.isBusy = true;
        asking.ask({ ask, n: nWishes });
      } else {
        asking.stop();
        this.value = null;
        this.isBusy = false;
      }
    });
    $effect(() => asking.stop);
  }
}

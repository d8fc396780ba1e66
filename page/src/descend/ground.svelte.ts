/** The surface in hand: found or begun by the settings of the address, followed while it grows. */
import { Asking } from "../lib/asking.svelte";
import { trying } from "../lib/session.svelte";
import {
  beginSurface,
  dropSurface,
  findSurface,
  listenTo,
  stopSurface,
  type AskSurface,
  type SurfaceTold,
} from "./api";
import { merged } from "./merged";

export class GroundInHand {
  now: SurfaceTold | null = $state.raw(null);
  isLost = $state(false);
  readonly #asking = new Asking<never>({ overtakes: true });
  #leave: () => void = () => undefined;

  /** Whether it is not known yet if there is one. */
  get isLooking(): boolean {
    return this.#asking.isBusy;
  }

  /** Look whether there is a surface of these settings already; one that is computing is followed. */
  find(asked: AskSurface): void {
    // What is refused here is refused in words when it is begun.
    this.#ask(() => findSurface(asked).catch(() => null));
  }

  /** Compute a surface. */
  begin(asked: AskSurface): void {
    this.#ask(async () => (await trying(() => beginSurface(asked))) ?? null);
  }

  async stop(): Promise<void> {
    const id = this.now?.id;
    if (id) await trying(() => stopSurface(id));
  }

  async drop(): Promise<void> {
    const id = this.now?.id;
    if (id === undefined) return;
    await trying(() => dropSurface(id));
    this.leave();
    this.now = null;
  }

  /** Follow nothing any more. */
  leave(): void {
    this.#asking.stop();
    this.#leave();
    this.#leave = () => undefined;
  }

  #ask(surface: () => Promise<SurfaceTold | null>): void {
    this.leave();
    this.#asking.ask(async (signal) => {
      const told = await surface();
      if (!signal.aborted) this.#take(told);
      return undefined;
    });
  }

  #take(told: SurfaceTold | null): void {
    this.now = told;
    if (told?.state !== "running") return;
    this.#leave = listenTo(
      told.id,
      (news) => (this.now = merged(this.now, news)),
      (isLost) => (this.isLost = isLost),
    );
  }
}

/** The surface in hand: found or begun by the settings of the address, followed while it grows. */
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
  isLooking = $state(true);
  isLost = $state(false);
  #leave: () => void = () => undefined;
  #round = 0;

  /** Look whether there is a surface of these settings already; one that is computing is followed. */
  async find(asked: AskSurface): Promise<void> {
    const mine = this.#begin();
    let found: SurfaceTold | null = null;
    try {
      found = await findSurface(asked);
    } catch {
      // What is refused here is refused in words when it is begun.
    }
    if (mine === this.#round) this.#take(found);
  }

  /** Compute a surface. */
  async begin(asked: AskSurface): Promise<void> {
    const mine = this.#begin();
    const told = await trying(() => beginSurface(asked));
    if (mine === this.#round) this.#take(told ?? null);
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
    this.#round += 1;
    this.#leave();
    this.#leave = () => undefined;
  }

  #begin(): number {
    this.leave();
    this.isLooking = true;
    return this.#round;
  }

  #take(told: SurfaceTold | null): void {
    this.isLooking = false;
    this.now = told;
    if (told?.state !== "running") return;
    this.#leave = listenTo(
      told.id,
      (news) => (this.now = merged(this.now, news)),
      (isLost) => (this.isLost = isLost),
    );
  }
}

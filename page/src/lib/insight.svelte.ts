/** What the networks see in the drawing just now: Draw says it, and whoever speaks of the drawing reads it. */
import type { SeenByAll } from "./api";

class Insight {
  now: SeenByAll | null = $state.raw(null);
}

export const insight = new Insight();

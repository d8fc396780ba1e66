/** What the networks see in the drawing just now: Draw says it, and whoever speaks of the drawing reads it. */
import type { Picture, SeenByAll } from "./api";

class Insight {
  now: { picture: Picture; told: SeenByAll } | null = $state.raw(null);
}

export const insight = new Insight();

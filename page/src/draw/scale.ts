/** Where numbers lie on a line. */

/** Return the ends of a line that shows all these numbers and zero, with some air. */
export function endsOf(values: number[], air = 0.12): [number, number] {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const more = (high - low || 1) * air;
  return [low - more, high + more];
}

/** Return how to align a text so that it stays inside: at the ends it leans inwards. */
export function anchorAt(share: number): "start" | "middle" | "end" {
  if (share < 0.2) return "start";
  return share > 0.8 ? "end" : "middle";
}

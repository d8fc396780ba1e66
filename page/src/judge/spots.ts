/** Where a map's digits are on its paper, and which is near. */

export interface Spot {
  x: number;
  y: number;
}

/** Return places on a square paper of so many pixels, all of them inside a margin and to one scale. */
export function spotsOf(x: number[], y: number[], side: number, margin: number): Spot[] {
  const [left, right] = [Math.min(...x), Math.max(...x)];
  const [low, high] = [Math.min(...y), Math.max(...y)];
  const scale = (side - 2 * margin) / Math.max(right - left, high - low, 1e-12);
  const middle = { x: (left + right) / 2, y: (low + high) / 2 };
  return x.map((at, i) => ({
    x: side / 2 + scale * (at - middle.x),
    y: side / 2 - scale * ((y[i] ?? 0) - middle.y),
  }));
}

/** Return which spot is nearest to a place; -1 where none is within reach. */
export function nearestSpot(spots: Spot[], at: Spot, reach: number): number {
  let best = -1;
  let least = reach * reach;
  spots.forEach((spot, i) => {
    const distance = (spot.x - at.x) ** 2 + (spot.y - at.y) ** 2;
    if (distance <= least) [best, least] = [i, distance];
  });
  return best;
}

/** Return the spot that one comes to from another going one way: near, and not far aside. */
export function spotTowards(spots: Spot[], from: number, way: Spot): number {
  const start = spots[from];
  if (!start) return spots.length ? 0 : -1;
  let best = from;
  let least = Infinity;
  spots.forEach((spot, i) => {
    const along = (spot.x - start.x) * way.x + (spot.y - start.y) * way.y;
    const aside = Math.abs((spot.x - start.x) * way.y - (spot.y - start.y) * way.x);
    if (along <= 0.5 || aside > along) return;
    if (along + 2 * aside < least) [best, least] = [i, along + 2 * aside];
  });
  return best;
}

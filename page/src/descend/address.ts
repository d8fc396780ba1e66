/** What this view keeps in the address: texts of parts between underscores, the first being the kind. */
import type { Place } from "../lib/address";
import type { Chosen } from "../lib/api";
import { parseParameter } from "../lib/parameters";
import type { AskSlice, AskSurface } from "./api";

export interface Line {
  along: "weight" | "gradient" | "random";
  /** Distances at which ways down begin; none are the customary ones. */
  starts: number[];
  /** How far one looks each way; null is as far as is customary. */
  reach: number | null;
}

export const SIZES = [0, 100, 10, 1] as const;

export interface Ground {
  plane: "descent" | "random";
  rate: number;
  steps: number;
  /** Sizes of mini-batches, 0 being all digits. */
  sizes: number[];
  untrained: boolean;
}

export const GROUND: Ground = { plane: "descent", rate: 0.1, steps: 30, sizes: [...SIZES], untrained: false };
export const MOST_STARTS = 6;
export const MOST_DIGITS = 10_000;
export const LAST_SEED = 2 ** 31 - 1;

const finite = (text: string): number | null => {
  const value = text === "" ? NaN : Number(text);
  return Number.isFinite(value) ? value : null;
};

/** Return the line that an address says: KIND_START_START_rREACH. */
export function parseLine(text: string): Line {
  const [kind, ...parts] = text.split("_");
  const along = (["weight", "gradient", "random"] as const).find((name) => name === kind) ?? "weight";
  const starts = parts.map(finite).filter((start): start is number => start !== null && Math.abs(start) <= 1e4);
  const reach = parts.map((part) => (part.startsWith("r") ? finite(part.slice(1)) : null)).find((r) => r !== null);
  return { along, starts: starts.slice(0, MOST_STARTS), reach: reach && reach > 0 && reach <= 1e4 ? reach : null };
}

/** Return how the address says a line; "" for the customary one. */
export function formatLine({ along, starts, reach }: Line): string {
  const parts = [along, ...starts.map(String), ...(reach === null ? [] : [`r${String(reach)}`])];
  return parts.length === 1 && along === "weight" ? "" : parts.join("_");
}

/** Return the plane and the descents that an address says: KIND_rRATE_sSTEPS_bSIZE-SIZE_u. */
export function parseGround(text: string): Ground {
  const [kind, ...parts] = text.split("_");
  const ground: Ground = { ...GROUND, plane: kind === "random" ? "random" : "descent" };
  for (const part of parts) {
    const value = finite(part.slice(1));
    if (part === "u") ground.untrained = true;
    else if (part.startsWith("r") && value !== null && value > 1e-9 && value <= 1000) ground.rate = value;
    else if (part.startsWith("s") && value !== null && value >= 3) ground.steps = Math.min(500, Math.trunc(value));
    else if (part.startsWith("b")) {
      const sizes = part.slice(1).split("-").map(Number);
      const known = SIZES.filter((size) => sizes.includes(size));
      if (known.length) ground.sizes = known;
    }
  }
  return ground;
}

/** Return how the address says a plane and its descents; "" for the customary ones. */
export function formatGround(ground: Ground): string {
  const parts: string[] = [ground.plane];
  if (ground.rate !== GROUND.rate) parts.push(`r${String(ground.rate)}`);
  if (ground.steps !== GROUND.steps) parts.push(`s${String(ground.steps)}`);
  if (ground.sizes.length < SIZES.length) parts.push(`b${ground.sizes.join("-")}`);
  if (ground.untrained) parts.push("u");
  return parts.length === 1 && ground.plane === "descent" ? "" : parts.join("_");
}

export type Sample = NonNullable<AskSurface["sample"]>;

/** Return the training digits that an address says. */
export function parseSample(digits: string, seed: string): Sample {
  const n = Math.trunc(finite(digits) ?? 1000);
  return {
    n: Math.min(Math.max(n, 1), MOST_DIGITS),
    seed: Math.min(Math.max(Math.trunc(finite(seed) ?? 0), 0), LAST_SEED),
  };
}

/** Return a number above 0 that a text says; null where it says none. */
export function positive(text: string, most: number): number | null {
  const value = finite(text);
  return value !== null && value > 0 && value <= most ? value : null;
}

/** Return a distance as the address says it. */
export const tidy = (distance: number): number => Number(distance.toPrecision(4));

/** Return where ways begin. */
export const startsOf = (ways: { distance: number[] }[]): number[] =>
  ways.map(({ distance }) => tidy(distance[0] ?? 0));

/** Return where ways begin once one of them, or one more, begins elsewhere. */
export function withStart(ways: { distance: number[] }[], way: number, start: number): number[] {
  const starts = startsOf(ways);
  starts[way] = tidy(start);
  return starts;
}

/** Return what an address asks of a slice, the cost measured at so many points. */
export function parseSlice(place: Place, chosen: Chosen, points: number): AskSlice {
  const { along, reach, starts } = parseLine(place.along);
  return {
    chosen,
    sample: parseSample(place.digits, place.seed),
    along,
    parameter: along === "weight" ? parseParameter(place.weight) : null,
    reach,
    starts,
    learning_rate: positive(place.rate, 1e9),
    n_steps: Math.min(60, Math.trunc(positive(place.steps, 1e9) ?? 12) || 12),
    points,
  };
}

/** Return what an address asks of a surface with so many points a side, and of the descents on it. */
export function parseSurface(place: Place, chosen: Chosen, points: number): AskSurface {
  const { plane, rate, steps, sizes, untrained } = parseGround(place.plane);
  const sample = parseSample(place.digits, place.seed);
  return {
    chosen,
    sample,
    untrained,
    plane,
    points,
    learning_rate: rate,
    n_steps: steps,
    mini_batch_sizes: sizes.filter((size) => size <= (sample.n ?? 1000)),
  };
}

/** Weights, descents and places in words. */
import { shown, whole } from "../lib/numbers";
import { placeOf } from "../lib/parameters";
import { pixelPlace } from "../lib/words";
import type { ParameterTold, SurfaceTold } from "./api";

/** Return where a weight runs, or whose bias it is, in words. */
export function parameterInWords(told: ParameterTold, sizes: number[]): string {
  const { layer, neuron, source } = placeOf(told);
  const isLast = layer === sizes.length - 1;
  const target = isLast ? `output ${neuron}` : `neuron ${neuron}${sizes.length > 3 ? ` of layer ${layer}` : ""}`;
  if (source === null) return `bias of ${target}`;
  if (layer > 1) return `neuron ${source} of layer ${layer - 1} to ${target}`;
  return `pixel ${pixelPlace(source)} to ${target}`;
}

/** How each descent looks, by the size of its mini-batches: colour and dashes as a chart of lines has them, and a mark. */
const LOOKS: Record<number, { look: number; mark: "circle" | "square" | "triangle" | "diamond"; short: string }> = {
  0: { look: 0, mark: "circle", short: "full gradient" },
  100: { look: 1, mark: "square", short: "100 at a time" },
  10: { look: 2, mark: "triangle", short: "10 at a time" },
  1: { look: 3, mark: "diamond", short: "1 at a time" },
};

export const lookOf = (size: number) => LOOKS[size] ?? { look: 4, mark: "circle" as const, short: `${size} at a time` };

/** What ways down are called. */
export const LETTERS = "ABCDEF";

/** Return the outline of a mark of that radius around a place. */
export function markPath(mark: string, x: number, y: number, r: number): string {
  if (mark === "square") return `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
  if (mark === "triangle") return `M${x} ${y - 1.2 * r}l${1.15 * r} ${2.1 * r}h${-2.3 * r}z`;
  if (mark === "diamond")
    return `M${x} ${y - 1.35 * r}l${1.35 * r} ${1.35 * r}l${-1.35 * r} ${1.35 * r}l${-1.35 * r} ${-1.35 * r}z`;
  return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
}

/** Return a surface in words: lowest and highest cost and where, start and end of each path. */
export function surfaceInWords(told: SurfaceTold): string {
  const { lowest, highest, plane } = told;
  if (!plane || !lowest || !highest) return "The landscape is not computed yet.";
  const at = (x: number, y: number) => `(${shown(x, 3)}, ${shown(y, 3)})`;
  const paths = told.descents.map((descent, i) => {
    const [x, y] = plane.places[i]?.at(-1) ?? [0, 0];
    return `${descent.name}: from cost ${shown(descent.cost[0] ?? NaN, 4)} at (0, 0) to ${shown(descent.cost.at(-1) ?? NaN, 4)} at ${at(x, y)}`;
  });
  return (
    `The cost over a plane through the network, mean of ${whole(told.n)} training digits, ${told.rows.length} of ${plane.ys.length} rows. ` +
    `Lowest ${shown(lowest.cost, 4)} at ${at(lowest.x, lowest.y)}, highest ${shown(highest.cost, 4)} at ${at(highest.x, highest.y)}. ` +
    `${paths.join("; ")}.`
  );
}

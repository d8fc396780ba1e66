/** What a run is begun with: the presets, and how its layers are written and read. */
import type { RunSettings, RunTold } from "../lib/api";
import { shown, whole } from "../lib/numbers";

/** The network of the videos, and how it learns: what the server takes where nothing else is said. */
export const VIDEOS: RunSettings = {
  name: "",
  hidden: [16, 16],
  activation: "sigmoid",
  output_activation: "sigmoid",
  cost: "quadratic",
  start: "scaled",
  learning_rate: 1,
  mini_batch_size: 100,
  epochs: 30,
  n_training: 60_000,
  deform: false,
  seed: 0,
  origin: "",
};

export interface Preset {
  title: string;
  about: string;
  settings: RunSettings;
}

export const PRESETS: Preset[] = [
  { title: "the videos' network", about: "two hidden layers of 16", settings: VIDEOS },
  { title: "no hidden layer", about: "pixels straight to digits", settings: { ...VIDEOS, hidden: [] } },
  { title: "one hidden layer of 100", about: "wide, not deep", settings: { ...VIDEOS, hidden: [100] } },
];

const MOST_LAYERS = 6;
const MOST_NEURONS = 1024;
const LONGEST_NAME = 60;

/** Return the sizes of hidden layers from a text like "16, 16", or a sentence that says what is wrong with it. */
export function parseHidden(text: string): number[] | string {
  const parts = text.split(/[\s,;×x]+/).filter((part) => part !== "");
  const sizes = parts.map(Number);
  const wrong = parts.find((_, i) => {
    const size = sizes[i] as number;
    return !Number.isInteger(size) || size < 1 || size > MOST_NEURONS;
  });
  if (wrong !== undefined) return `“${wrong}” is not a number of neurons: whole numbers from 1 to ${MOST_NEURONS}.`;
  if (sizes.length > MOST_LAYERS) return `At most ${MOST_LAYERS} hidden layers; these are ${sizes.length}.`;
  return sizes;
}

/** Return hidden layers as `parseHidden` reads them. */
export const formatHidden = (hidden: number[]): string => hidden.join(", ");

/** Return all layers in a row, the way a network is called by its sizes. */
export const sizesInWords = (hidden: number[]): string => ["784", ...hidden, "10"].join("-");

/** Return what a run is called: by its name, or where it has none by its sizes. */
export const titleOf = (run: Pick<RunTold, "name" | "settings">): string =>
  run.name || sizesInWords(run.settings.hidden);

/** Return a name for a new run that no other has. */
export function freshName(wanted: string, taken: string[]): string {
  const name = wanted.slice(0, LONGEST_NAME);
  if (!taken.includes(name)) return name;
  for (let n = 2; ; n++) {
    const numbered = `${name.slice(0, LONGEST_NAME - 5)} (${n})`;
    if (!taken.includes(numbered)) return numbered;
  }
}

/** Return settings in one line. */
export function summaryOf(settings: RunSettings): string {
  const parts = [
    settings.activation === settings.output_activation
      ? settings.activation
      : `${settings.activation}, outputs ${settings.output_activation}`,
    `${settings.cost} cost`,
    `η = ${shown(settings.learning_rate, digitsOf(settings.learning_rate))}`,
    `mini-batches of ${whole(settings.mini_batch_size)}`,
    `${whole(settings.epochs)} epochs of ${whole(settings.n_training)} digits`,
  ];
  if (settings.deform) parts.push("deformed anew in every epoch");
  if (settings.start !== "scaled") parts.push("start values from N(0, 1)");
  if (settings.seed !== 0) parts.push(`seed ${settings.seed}`);
  return parts.join(" · ");
}

/** Return how many digits after the point a number was given with, so that it is shown as it was chosen. */
export function digitsOf(value: number): number {
  return Math.min(6, (String(value).split(".")[1] ?? "").length);
}

/** Addresses: what the part after # says, and how it is written. */

import { parseRun } from "./sources";

export const VIEWS = ["draw", "learn", "descend", "nudge", "judge"] as const;
export type View = (typeof VIEWS)[number];

/** What the address says beside the view: every part a text, "" where there is none. */
interface Told {
  /** The network in hand: videos, reader, run:ID or run:ID@MOMENT. */
  network: string;
  /** The network beside it. */
  beside: string;
  /** The example: KIND.INDEX, or ink.PIXELS for a drawing in a link; "" is the drawing that this tab keeps. */
  example: string;
  /** What the example should be: a digit, none for "no digit", "" for what is known of it. */
  wanted: string;
  /** The neuron looked at: LAYER.INDEX, layer 1 being the first hidden one. */
  neuron: string;
  /** The weight or bias looked at: wLAYER.NEURON.SOURCE or bLAYER.NEURON, by the neuron that it belongs to. */
  weight: string;
  /** Another one to compare it with. */
  other: string;
  /** The run looked at. */
  run: string;
  /** Where a slice of the cost goes: weight, gradient, random. */
  along: string;
  /** The plane of a surface: descent, random. */
  plane: string;
  /** How many training digits the cost is a mean of. */
  digits: string;
  /** The learning rate of steps that are tried. */
  rate: string;
  /** Draws what is drawn at random. */
  seed: string;
  /** How many steps are tried. */
  steps: string;
  /** How an example is taught: RATE_STEPS_AMONG. */
  lesson: string;
  /** Which weights many digits are asked about: slope, dispute. */
  by: string;
  /** The layer whose map is shown. */
  layer: string;
  /** The layer whose weights and biases are listed: those that lead into it. */
  into: string;
  /** A cell of the confusion matrix: LABEL.ANSWER. */
  cell: string;
  /** The damage that is tried, and how much: KIND.AMOUNT. */
  damage: string;
  /** The confidence from which on an answer counts. */
  least: string;
  /** The stop of the guided way. */
  stop: string;
}

export interface Place extends Told {
  view: View;
}

const START: Place = {
  view: "draw",
  network: "videos",
  beside: "reader",
  example: "",
  wanted: "",
  neuron: "",
  weight: "",
  other: "",
  run: "",
  along: "",
  plane: "",
  digits: "",
  rate: "",
  seed: "",
  steps: "",
  lesson: "",
  by: "",
  layer: "",
  into: "",
  cell: "",
  damage: "",
  least: "",
  stop: "",
};
const NAMES = Object.keys(START).filter((name): name is keyof Told => name !== "view");

const isNetwork = (name: string) => ["videos", "reader", "file"].includes(name) || parseRun(name) !== null;

/** Return what a part of an address says where it is well formed; undefined where nobody could know what it means. */
function understood(name: keyof Told, value: string): string | undefined {
  if (name === "network" || name === "beside") return isNetwork(value) ? value : undefined;
  return value;
}

/** Return the parts of an address's fragment that nobody can know the meaning of. */
export function misunderstood(fragment: string): string[] {
  const [path = "", query = ""] = fragment.replace(/^#\/?/, "").split("?");
  const told = new URLSearchParams(query);
  const parts = NAMES.filter((name) => {
    const value = told.get(name);
    return value !== null && understood(name, value) === undefined;
  }).map((name) => `${name}=${told.get(name) ?? ""}`);
  return path === "" || VIEWS.some((view) => view === path) ? parts : [path, ...parts];
}

/** Return the place that an address's fragment says; what is not understood stays as at the start. */
export function parsePlace(fragment: string): Place {
  const [path = "", query = ""] = fragment.replace(/^#\/?/, "").split("?");
  const told = new URLSearchParams(query);
  const view = VIEWS.find((name) => name === path) ?? START.view;
  const place: Place = { ...START, view };
  for (const name of NAMES) {
    const value = told.get(name);
    if (value !== null) place[name] = understood(name, value) ?? START[name];
  }
  return place;
}

/** Return the fragment of a place; what is as at the start is left out. */
export function formatPlace(place: Place): string {
  const told = new URLSearchParams();
  for (const name of NAMES) if (place[name] !== START[name]) told.set(name, place[name]);
  const query = told.toString().replaceAll("%3A", ":").replaceAll("%40", "@");
  return `#/${place.view}${query ? `?${query}` : ""}`;
}

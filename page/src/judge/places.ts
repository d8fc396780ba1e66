/** What the address says of this view, and how. */
import type { DamageKind, Kind } from "./api";

export const KINDS: { kind: Kind; title: string; about: string }[] = [
  { kind: "noise", title: "Noise", about: "Every pixel any shade." },
  { kind: "scribble", title: "Scribbles", about: "Strokes of a pen that are no digits." },
  { kind: "letter", title: "Letters", about: "Letters and symbols that nobody takes for a digit." },
  { kind: "inverted", title: "Inverted digits", about: "Test digits with ink and paper changed over." },
  { kind: "shifted", title: "Shifted digits", about: "Test digits moved by 4 pixels, both up or down and to a side." },
  { kind: "turned", title: "Turned digits", about: "Test digits turned by 45 degrees, to the left or to the right." },
];

export interface DamageTold {
  kind: DamageKind;
  title: string;
  /** What the amount is, and how it is written. */
  amount: string;
  unit: string;
  step: number;
  first: number;
  about: string;
}

export const DAMAGES: DamageTold[] = [
  {
    kind: "shift",
    title: "Shift",
    amount: "pixels to the right",
    unit: "px",
    step: 0.5,
    first: 3,
    about: "The whole image moves sideways; below 0 to the left.",
  },
  {
    kind: "turn",
    title: "Turn",
    amount: "degrees counter-clockwise",
    unit: "°",
    step: 5,
    first: 30,
    about: "The image turns about its middle; below 0 clockwise.",
  },
  {
    kind: "scale",
    title: "Scale",
    amount: "times as large",
    unit: "×",
    step: 0.05,
    first: 0.7,
    about: "The image grows or shrinks about its middle.",
  },
  {
    kind: "thickness",
    title: "Thickness",
    amount: "pixels at each edge of a stroke",
    unit: "px",
    step: 0.25,
    first: 1,
    about: "Strokes grow thicker; below 0 thinner.",
  },
  {
    kind: "noise",
    title: "Noise",
    amount: "standard deviation, 1 being from paper to ink",
    unit: "",
    step: 0.05,
    first: 0.3,
    about: "Each pixel changes at random, by a normal distribution.",
  },
  {
    kind: "contrast",
    title: "Contrast",
    amount: "times as dark",
    unit: "×",
    step: 0.05,
    first: 0.4,
    about: "Every shade is multiplied; below 1 the ink fades.",
  },
];

/** Return the threshold that an address says, in hundredths; null where each network has its own. */
export function parseLeast(text: string): number | null {
  if (text === "") return null;
  const value = Number(text);
  return value >= 0 && value <= 1 ? Math.round(100 * value) : null;
}

/** Return how an address says a threshold. */
export const formatLeast = (hundredths: number | null): string => (hundredths === null ? "" : String(hundredths / 100));

/** A cell of the confusion matrix. */
export interface Cell {
  label: number;
  answer: number;
}

/** Return the cell that an address says, such as 4.9; null if it says none. */
export function parseCell(text: string): Cell | null {
  const found = /^([0-9])\.([0-9])$/.exec(text);
  return found ? { label: Number(found[1]), answer: Number(found[2]) } : null;
}

/** Return the damage that an address says, such as turn.30 or scale.0.7; a usual one where it says none. */
export function parseDamage(text: string): { told: DamageTold; amount: number } {
  const [name = "", ...rest] = text.split(".");
  const told = DAMAGES.find((one) => one.kind === name) ?? (DAMAGES[1] as DamageTold);
  const amount = told.kind === name && rest.length ? Number(rest.join(".")) : NaN;
  return { told, amount: Number.isFinite(amount) ? amount : told.first };
}

/** Return the layer that an address says, of so many; the last hidden one where it says none. */
export function parseLayer(text: string, nLayers: number): number {
  const last = nLayers - 1;
  return /^\d{1,2}$/.test(text) && Number(text) <= last ? Number(text) : Math.max(0, last - 1);
}

/** Return what a layer is called, of so many. */
export function layerName(layer: number, nLayers: number): string {
  if (layer === 0) return "the pixels";
  return layer === nLayers - 1 ? "the outputs" : `hidden layer ${layer}`;
}

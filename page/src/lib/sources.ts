/** Where a picture can come from, and how the address names it. */
import type { Example, ExampleKind } from "./api";

export const DIGITS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const KINDS: readonly ExampleKind[] = ["test", "noise", "scribble", "letter", "shifted"];
export const N_TEST = 10_000;
/** What is shown where nothing was drawn or named yet. */
export const OPENING = { kind: "test", index: 0 } as const;

export interface Named {
  kind: ExampleKind;
  index: number;
}

/** Return whether examples of that kind can be asked for by their number. */
export const isKind = (name: string | undefined): name is ExampleKind => KINDS.some((kind) => kind === name);

/** Return the example that an address names, such as test.8; null if it names none. */
export function parseExample(text: string): Named | null {
  const [kind, number] = text.split(".");
  return isKind(kind) && /^\d{1,4}$/.test(number ?? "") ? { kind, index: Number(number) } : null;
}

/** Return the number of the test digit that an address names; null if it names none. */
export function parseTestDigit(text: string): number | null {
  const named = parseExample(text);
  return named?.kind === "test" ? named.index : null;
}

/** Return how the address names an example; "" for one that only this page has, such as an opened image. */
export function formatExample(example: Example | null): string {
  return example && isKind(example.kind) ? `${example.kind}.${example.index}` : "";
}

const RUN = /^run:([a-z0-9]{8})(?:@(\d{1,9}))?$/;

/** Return the run that a network's name names, and at which moment, null being now; null if it names none. */
export function parseRun(network: string): { run: string; moment: number | null } | null {
  const [, run, moment] = RUN.exec(network) ?? [];
  return run === undefined ? null : { run, moment: moment === undefined ? null : Number(moment) };
}

/** Return the number of the test digit so many steps on, round the end. */
export const stepped = (index: number, step: number): number => (index + step + N_TEST) % N_TEST;

/** The place of a neuron; layer 1 is the first hidden one. */
export interface NeuronPlace {
  layer: number;
  index: number;
}

/** Return the neuron that an address names among layers of these sizes; null if there is no such one. */
export function parseNeuron(text: string, sizes: number[]): NeuronPlace | null {
  const [layer = NaN, index = NaN] = text.split(".").map((part) => (part === "" ? NaN : Number(part)));
  const size = sizes[layer] ?? 0;
  return layer >= 1 && Number.isInteger(index) && index >= 0 && index < size ? { layer, index } : null;
}

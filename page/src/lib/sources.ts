/** Where a picture can come from, and how the address names it. */
import type { Example, ExampleKind } from "./api";

const KINDS: readonly ExampleKind[] = ["test", "noise", "scribble", "letter", "shifted"];
export const N_TEST = 10_000;

export interface Named {
  kind: ExampleKind;
  index: number;
}

/** Return the example that an address names, such as test.8; null if it names none. */
export function parseExample(text: string): Named | null {
  const [name, number] = text.split(".");
  const kind = KINDS.find((known) => known === name);
  if (!kind || !/^\d{1,4}$/.test(number ?? "")) return null;
  return { kind, index: Number(number) };
}

/** Return how the address names an example; "" for one that only this page has, such as an opened image. */
export function formatExample(example: Example | null): string {
  if (!example || !KINDS.some((kind) => kind === example.kind)) return "";
  return `${example.kind}.${example.index}`;
}

/** Return the number of the test digit so many steps on, round the end. */
export const stepped = (index: number, step: number): number => (index + step + N_TEST) % N_TEST;

/** Return the layer and neuron that an address names among layers of these sizes; null if there is no such one. */
export function parseNeuron(text: string, sizes: number[]): { layer: number; index: number } | null {
  const [layer = NaN, index = NaN] = text.split(".").map((part) => (part === "" ? NaN : Number(part)));
  const size = sizes[layer] ?? 0;
  return layer >= 1 && Number.isInteger(index) && index >= 0 && index < size ? { layer, index } : null;
}

/** Weights and biases by their places, as the address and the library name them. */
import { neuronName } from "../network/words";

/** The place of a weight or bias, with the indices of weights[layer][to, source]; a source of null is the bias. */
export interface ParameterPlace {
  layer: number;
  to: number;
  source: number | null;
}

/** Return the place that an address names, such as 0.3.400 or 2.7.b; null if it names none. */
export function parseParameter(text: string): ParameterPlace | null {
  const found = /^(\d{1,2})\.(\d{1,4})\.(\d{1,4}|b)$/.exec(text);
  if (!found) return null;
  const [, layer, to, source] = found;
  return { layer: Number(layer), to: Number(to), source: source === "b" ? null : Number(source) };
}

/** Return how an address names a place. */
export const formatParameter = ({ layer, to, source }: ParameterPlace): string => `${layer}.${to}.${source ?? "b"}`;

/** Return whether a network of these layers has such a weight or bias. */
export function hasParameter(sizes: number[], { layer, to, source }: ParameterPlace): boolean {
  return layer < sizes.length - 1 && to < (sizes[layer + 1] ?? 0) && (source === null || source < (sizes[layer] ?? 0));
}

/** Return where a pixel lies, counted from 1 as one points. */
const pixelInWords = (pixel: number, side = 28): string =>
  `the pixel in row ${Math.floor(pixel / side) + 1}, column ${(pixel % side) + 1}`;

/** Return what a weight or bias is, in words. */
export function parameterInWords({ layer, to, source }: ParameterPlace, nLayers: number): string {
  const neuron = neuronName(layer + 1, to, nLayers);
  if (source === null) return `the bias of ${neuron}`;
  const from = layer === 0 ? pixelInWords(source) : neuronName(layer, source, nLayers);
  return `the weight from ${from} to ${neuron}`;
}

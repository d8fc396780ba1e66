/** Weights and biases by their places, as the address and the library name them. */
import { neuronName, pixelPlace } from "./words";

/** The place of a weight or bias, with the indices of weights[layer][to, source]; a source of null is the bias. */
export interface ParameterPlace {
  layer: number;
  to: number;
  source: number | null;
}

const FORMS = [
  /^(\d{1,2})\.(\d{1,4})\.(\d{1,4}|b)$/,
  /^weights\[(\d{1,2})\]\[(\d{1,4}),\s*(\d{1,4})\]$/,
  /^biases\[(\d{1,2})\]\[(\d{1,4})\]$/,
];

/** Return the place that an address (0.3.400 or 2.7.b) or the library (weights[0][3, 400]) names; null for neither. */
export function parseParameter(text: string): ParameterPlace | null {
  const found = FORMS.map((form) => form.exec(text.trim())).find((match) => match !== null);
  if (!found) return null;
  const [, layer, to, source] = found;
  return {
    layer: Number(layer),
    to: Number(to),
    source: source === undefined || source === "b" ? null : Number(source),
  };
}

/** Return how an address names a place. */
export const formatParameter = ({ layer, to, source }: ParameterPlace): string => `${layer}.${to}.${source ?? "b"}`;

/** Return whether a network of these layers has such a weight or bias. */
export function hasParameter(sizes: number[], { layer, to, source }: ParameterPlace): boolean {
  return layer < sizes.length - 1 && to < (sizes[layer + 1] ?? 0) && (source === null || source < (sizes[layer] ?? 0));
}

/** Return what a weight or bias is, in words. */
export function parameterInWords({ layer, to, source }: ParameterPlace, nLayers: number): string {
  const neuron = neuronName(layer + 1, to, nLayers);
  if (source === null) return `the bias of ${neuron}`;
  const from = layer === 0 ? `the pixel in ${pixelPlace(source)}` : neuronName(layer, source, nLayers);
  return `the weight from ${from} to ${neuron}`;
}

/** Weights and biases by their places, as the address and the library name them. */
import { neuronName, pixelPlace } from "./words";

/** The place of a weight or bias, by the neuron that it belongs to. */
export interface ParameterPlace {
  /** That of the neuron: 1 is the first hidden one; the inputs, layer 0, have no weights and biases. */
  layer: number;
  neuron: number;
  /** The neuron of the layer before that a weight comes from; null for the bias. */
  source: number | null;
}

/** How one writes a place; for those who wrote something else. */
export const HOW_TO_NAME = "A weight is named as weights[0][3, 400] or w1.3.400, a bias as biases[2][7] or b3.7.";

const PLACES = [/^w([1-9]\d?)\.(\d{1,4})\.(\d{1,4})$/, /^b([1-9]\d?)\.(\d{1,4})$/];
/** By the index of the array that it is in: the first, 0, leads into layer 1. The last form is that of old addresses. */
const INDICES = [
  /^weights\[(\d{1,2})\]\[(\d{1,4}),\s*(\d{1,4})\]$/,
  /^biases\[(\d{1,2})\]\[(\d{1,4})\]$/,
  /^(\d{1,2})\.(\d{1,4})\.(\d{1,4}|b)$/,
];

/** Return the place that an address (w1.3.400 or b3.7) or the library (weights[0][3, 400]) names; null for neither. */
export function parseParameter(text: string): ParameterPlace | null {
  const matching = (forms: RegExp[]) => forms.map((form) => form.exec(text.trim())).find((match) => match !== null);
  const place = matching(PLACES);
  const [, first, neuron, source] = place ?? matching(INDICES) ?? [];
  if (first === undefined) return null;
  return {
    layer: place ? Number(first) : Number(first) + 1,
    neuron: Number(neuron),
    source: source === undefined || source === "b" ? null : Number(source),
  };
}

/** Return how an address names a place. */
export const formatParameter = ({ layer, neuron, source }: ParameterPlace): string =>
  source === null ? `b${layer}.${neuron}` : `w${layer}.${neuron}.${source}`;

/** Return the place of what the server tells of, where a source may be left out. */
export const placeOf = (told: Omit<ParameterPlace, "source"> & { source?: number | null }): ParameterPlace => ({
  layer: told.layer,
  neuron: told.neuron,
  source: told.source ?? null,
});

/** Return whether a network of these layers has such a weight or bias. */
export function hasParameter(sizes: number[], { layer, neuron, source }: ParameterPlace): boolean {
  return layer >= 1 && neuron < (sizes[layer] ?? 0) && (source === null || source < (sizes[layer - 1] ?? 0));
}

/** Return what a weight or bias is, in words. */
export function parameterInWords({ layer, neuron, source }: ParameterPlace, nLayers: number): string {
  const name = neuronName(layer, neuron, nLayers);
  if (source === null) return `the bias of ${name}`;
  const from = layer === 1 ? `the pixel in ${pixelPlace(source)}` : neuronName(layer - 1, source, nLayers);
  return `the weight from ${from} to ${name}`;
}

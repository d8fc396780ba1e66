/** The network in words, for those who do not see the picture and for its labels. */
import type { Seen } from "./api";
import { SIDE_PX } from "./ink";
import { shown, whole } from "./numbers";

/** Return what a layer is called among so many layers. */
export function layerName(layer: number, nLayers: number): string {
  if (layer === 0) return "inputs";
  return layer === nLayers - 1 ? "outputs" : `hidden layer ${layer}`;
}

/** Return a neuron's name; an output's is the digit it stands for. */
export function neuronName(layer: number, neuron: number, nLayers: number): string {
  return layer === nLayers - 1 ? `output ${neuron}` : `${layerName(layer, nLayers)}, neuron ${neuron}`;
}

/** Return in which row and column a pixel lies, counted from 1 as one points. */
const rowAndColumn = (pixel: number): [number, number] => [Math.floor(pixel / SIDE_PX) + 1, (pixel % SIDE_PX) + 1];

/** Return where a pixel lies. */
export function pixelPlace(pixel: number): string {
  const [row, column] = rowAndColumn(pixel);
  return `row ${row}, column ${column}`;
}

/** Return what a source of a neuron's sum is called: a pixel by its place, or the neuron before. */
export const sourceName = (layer: number, source: number): string =>
  layer > 1 ? `neuron ${source}` : `pixel ${rowAndColumn(source).join(", ")}`;

/** Return a heading for a column that is narrow: the second line under its size. */
export function shortLayerName(layer: number, nLayers: number): string {
  return layer > 0 && layer < nLayers - 1 ? `hidden ${layer}` : layerName(layer, nLayers);
}

/** Return the answer in a few words. */
export function answerInWords({ answer }: Seen): string {
  if (answer.digit === null) return answer.reason ? `not a digit: ${answer.reason}` : "not a digit";
  return String(answer.digit);
}

/** Return the whole picture in words. */
export function inWords(seen: Seen): string {
  const n = seen.layers.length;
  const layers = seen.layers.map((layer, i) => `${whole(layer.size)} ${shortLayerName(i, n)}`);
  const outputs = seen.outputs.map((output, digit) => `${digit}: ${shown(output)}`);
  return (
    `A network with ${layers.join(", ")}, joined by lines from left to right. ` +
    `The outputs are ${outputs.join(", ")}. The answer is ${answerInWords(seen)}.`
  );
}

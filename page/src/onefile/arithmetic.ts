/** The arithmetic of a network, in doubles: z = W a + b and what becomes of it, layer by layer. */
import { bytesOf } from "../lib/bytes";

type Activation = "sigmoid" | "tanh" | "relu" | "softmax";
type Kind = "int8" | "float32" | "float64";

export interface Calibration {
  slope: number;
  offset: number;
  at_least: number;
}

/** What the file says of its network beside the numbers. */
export interface Told {
  layer_sizes: number[];
  activation: Activation;
  output_activation: Activation;
  /** How each layer's numbers are kept; with a step, the weights are multiples of it. */
  layers: { weights: Kind; biases: Kind; step?: number }[];
  /** What makes confidences of the outputs; null where the network was not taught what is no digit. */
  calibration: Calibration | null;
}

type Numbers = Float64Array<ArrayBuffer>;

export interface Layer {
  /** Row after row: entry [j, k] runs from neuron k of the layer before to neuron j. */
  weights: Numbers;
  biases: Numbers;
}

export interface Network {
  told: Told;
  layers: Layer[];
}

const BYTES: Record<Kind, number> = { int8: 1, float32: 4, float64: 8 };

function read(view: DataView, at: number, kind: Kind): number {
  if (kind === "int8") return view.getInt8(at);
  return kind === "float32" ? view.getFloat32(at, true) : view.getFloat64(at, true);
}

/** Return the network whose numbers a text holds: base64 of a raw deflate stream. */
export async function unpacked(told: Told, text: string): Promise<Network> {
  const stream = new Blob([bytesOf(text.trim())]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const view = new DataView(await new Response(stream).arrayBuffer());
  let at = 0;
  const take = (n: number, kind: Kind, step = 1) => {
    const numbers = Float64Array.from({ length: n }, (_, i) => step * read(view, at + i * BYTES[kind], kind));
    at += n * BYTES[kind];
    return numbers;
  };
  const layers = told.layers.map((layer, l) => {
    const [n_in = 0, n_out = 0] = told.layer_sizes.slice(l, l + 2);
    return { weights: take(n_in * n_out, layer.weights, layer.step), biases: take(n_out, layer.biases) };
  });
  if (at !== view.byteLength) throw new Error("the file is damaged: it has other numbers than its network needs");
  return { told, layers };
}

const FUNCTIONS: Record<Activation, (z: Numbers) => Numbers> = {
  sigmoid: (z) => z.map((value) => 1 / (1 + Math.exp(-value))),
  tanh: (z) => z.map(Math.tanh),
  relu: (z) => z.map((value) => Math.max(value, 0)),
  softmax: (z) => {
    const largest = Math.max(...z);
    const powers = z.map((value) => Math.exp(value - largest));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  },
};

/** Return z = W a + b. */
function weighted({ weights, biases }: Layer, a: Numbers): Numbers {
  return biases.map((bias, j) => {
    const row = j * a.length;
    let sum = 0;
    for (let k = 0; k < a.length; k++) sum += (weights[row + k] as number) * (a[k] as number);
    return sum + bias;
  });
}

/** Return the activations of the last layer for an image of 28 x 28 shades, 255 being ink. */
export function feedforward({ told, layers }: Network, image: ArrayLike<number>): Numbers {
  let a = Float64Array.from(image, (shade) => shade / 255);
  layers.forEach((layer, l) => {
    a = FUNCTIONS[l < layers.length - 1 ? told.activation : told.output_activation](weighted(layer, a));
  });
  return a;
}

import { expect, test } from "vitest";
import { base64Of } from "../lib/bytes";
import { feedforward, unpacked, type Network, type Told } from "./arithmetic";
import { decide, explained } from "./verdict";

const told = (activation: Told["activation"], output: Told["activation"], sizes: number[]): Told => ({
  layer_sizes: sizes,
  activation,
  output_activation: output,
  layers: sizes.slice(1).map(() => ({ weights: "float64", biases: "float64" })),
  calibration: null,
});

const network = (activation: Told["activation"], output: Told["activation"]): Network => ({
  told: told(activation, output, [2, 2, 2]),
  layers: [
    { weights: Float64Array.of(1, -1, 2, 0.5), biases: Float64Array.of(0.5, -3) },
    { weights: Float64Array.of(1, 2, -1, 1), biases: Float64Array.of(0, 0.25) },
  ],
});

// With inputs 1 and 0.2 (255 and 51): z = 1 - 0.2 + 0.5 = 1.3 and 2 + 0.1 - 3 = -0.9.
const near = (found: Float64Array, wanted: number[]) => {
  expect(found).toHaveLength(wanted.length);
  wanted.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 12));
};

test("layers of each kind, worked out by hand", () => {
  const image = [255, 51];
  near(feedforward(network("relu", "relu"), image), [1.3, 0]);
  const s = (z: number) => 1 / (1 + Math.exp(-z));
  const [a, b] = [s(1.3), s(-0.9)];
  near(feedforward(network("sigmoid", "sigmoid"), image), [s(a + 2 * b), s(b - a + 0.25)]);
  const [c, d] = [Math.tanh(1.3), Math.tanh(-0.9)];
  near(feedforward(network("tanh", "tanh"), image), [Math.tanh(c + 2 * d), Math.tanh(d - c + 0.25)]);
  const [e, f] = [Math.exp(1.3), Math.exp(0.25 - 1.3)];
  near(feedforward(network("relu", "softmax"), image), [e / (e + f), f / (e + f)]);
  const steep = network("relu", "softmax");
  steep.layers[1]?.weights.set([1000, 0, 0, 0]);
  near(feedforward(steep, image), [1, 0]);
});

async function packed(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return base64Of(new Uint8Array(await new Response(stream).arrayBuffer()));
}

test("numbers are unpacked: multiples of a step, and floats as they are", async () => {
  const bytes = new Uint8Array(2 + 4);
  const view = new DataView(bytes.buffer);
  view.setInt8(0, -3);
  view.setInt8(1, 127);
  view.setFloat32(2, 0.75, true);
  const said: Told = {
    ...told("relu", "sigmoid", [2, 1]),
    layers: [{ weights: "int8", biases: "float32", step: 0.25 }],
  };
  const { layers } = await unpacked(said, await packed(bytes));
  expect(layers).toEqual([{ weights: Float64Array.of(-0.75, 31.75), biases: Float64Array.of(0.75) }]);
  await expect(unpacked(said, await packed(new Uint8Array(7)))).rejects.toThrow("damaged");
});

const outputs = (values: Record<number, number>) => Float64Array.from({ length: 10 }, (_, i) => values[i] ?? 0.001);
const calibration = { slope: 1, offset: 0, at_least: 0.7 };

test("a digit, or why there is none", () => {
  expect(decide(outputs({ 4: 0.8 }), calibration)).toMatchObject({ digit: 4, reason: null });
  expect(decide(outputs({ 4: 0.8 }), calibration).confidence).toBeCloseTo(0.8, 12);
  expect(decide(outputs({ 4: 0.1 }), calibration)).toMatchObject({ digit: null, reason: "unlike any digit" });
  expect(decide(outputs({ 5: 0.5, 3: 0.4 }), calibration)).toMatchObject({ digit: null, reason: "a 3 or a 5" });
  expect(decide(outputs({ 5: 0.5, 3: 0.1 }), calibration)).toMatchObject({ reason: "unlike any digit" });
  expect(decide(outputs({ 5: 0.1 }), null)).toMatchObject({ digit: 5, confidence: null, reason: null });
});

test("what was drawn says more", () => {
  const drawn = { isBlank: false, hasTooLittle: false, oddity: null };
  const sure = decide(outputs({ 4: 0.99 }), calibration);
  expect(explained(sure, calibration, { ...drawn, isBlank: true })).toMatchObject({
    digit: null,
    reason: "nothing there",
  });
  expect(explained(sure, calibration, { ...drawn, hasTooLittle: true })).toMatchObject({ reason: "too little ink" });
  expect(explained(sure, calibration, { ...drawn, oddity: "more than one mark" })).toEqual(sure);
  const unsure = decide(outputs({ 4: 0.1 }), calibration);
  expect(explained(unsure, calibration, { ...drawn, oddity: "more than one mark" }).reason).toBe("more than one mark");
});

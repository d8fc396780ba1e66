// Takes epochs with the kernel as a WebAssembly module: node wasm_descent.mjs KERNEL.wasm TASK.json, which names the
// layers, the settings, and files of raw numbers beside it. Prints one line of JSON: seconds and costs of each epoch,
// and leaves weights, biases and outputs as raw numbers in the folder.
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const [, , kernelFile, taskFile] = process.argv;
const task = JSON.parse(readFileSync(taskFile, "utf8"));
const beside = (name) => join(dirname(taskFile), name);
const bytesOf = (name) => new Uint8Array(readFileSync(beside(name)));

const { instance } = await WebAssembly.instantiate(readFileSync(kernelFile), {});
const kernel = instance.exports;
kernel._initialize();

function put(bytes) {
  const place = kernel.take(bytes.byteLength || 1);
  if (!place) throw new Error("there is no memory for this");
  new Uint8Array(kernel.memory.buffer).set(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength), place);
  return place;
}
const floats = (place, n) => new Float32Array(kernel.memory.buffer, place, n).slice();

const images = put(bytesOf("images"));
const labels = put(bytesOf("labels"));
const digits = kernel.new_digits(images, labels, task.n, task.sizes[0]);
const kinds = [task.hidden, task.output, task.cost, task.optimizer];
const run = kernel.new_run(put(Int32Array.from(task.sizes)), task.sizes.length, ...kinds, task.average ? 1 : 0);
const layers = task.sizes.slice(1).map((n_out, l) => ({ n_out, n_in: task.sizes[l] }));
const given = bytesOf("parameters");
let at = 0;
for (const [l, { n_out, n_in }] of layers.entries()) {
  const weights = put(given.slice(at, (at += 4 * n_out * n_in)));
  const biases = put(given.slice(at, (at += 4 * n_out)));
  kernel.set_layer(run, 0, l, weights, biases);
  if (task.average) kernel.set_layer(run, 3, l, weights, biases);
}

const orders = new BigInt64Array(bytesOf("orders").buffer);
const nSteps = Math.ceil(task.n / task.mini_batch_size);
const rates = put(new Float32Array(nSteps).fill(task.learning_rate));
const costs = kernel.take(4 * task.n);
const epochs = [];
for (let epoch = 0; epoch < task.epochs; epoch++) {
  const order = put(orders.slice(epoch * task.n, (epoch + 1) * task.n));
  const began = performance.now();
  kernel.descend(run, digits, order, task.n, task.mini_batch_size, rates, task.momentum, task.l2, task.weight_decay,
    task.beta_1, task.beta_2, task.epsilon, task.average, epoch * nSteps, costs); // prettier-ignore
  const seconds = (performance.now() - began) / 1000;
  kernel.give(order);
  epochs.push({ seconds, cost: floats(costs, task.n).reduce((sum, cost) => sum + cost, 0) / task.n });
}

const found = [];
for (const [l, { n_out, n_in }] of layers.entries()) {
  const weights = kernel.take(4 * n_out * n_in);
  const biases = kernel.take(4 * n_out);
  kernel.get_layer(run, 0, l, weights, biases);
  found.push(floats(weights, n_out * n_in), floats(biases, n_out));
}
writeFileSync(beside("found"), Buffer.concat(found.map((part) => Buffer.from(part.buffer))));
const outputs = kernel.take(4 * task.n * layers.at(-1).n_out);
const began = performance.now();
kernel.read(run, images, 0, task.n, outputs);
const reading = (performance.now() - began) / 1000;
writeFileSync(beside("outputs"), Buffer.from(floats(outputs, task.n * layers.at(-1).n_out).buffer));
console.log(JSON.stringify({ epochs, reading_seconds: reading, memory_bytes: kernel.memory.buffer.byteLength }));

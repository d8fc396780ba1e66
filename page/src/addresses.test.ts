/** Whatever an address can name is found again: every sign of a name, every number up to its end, and none beyond it. */
import { expect, it } from "vitest";
import { formatGround, formatLine, GROUND, parseGround, parseLine, parseSample, parseSlice } from "./descend/address";
import { parseSurface, positive, startsOf, tidy, withStart } from "./descend/address";
import { DAMAGES, parseCell, parseDamage, parseLayer } from "./judge/places";
import { parsePlace } from "./lib/address";
import { formatParameter, hasParameter, parseParameter } from "./lib/parameters";
import { DIGITS, parseExample, parseNeuron, parseRun, stepped } from "./lib/sources";
import { CUSTOMARY, formatSteps, parseMany, parseSteps } from "./nudge/steps";

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

it("names a run by any eight letters and digits, now or at a moment", () => {
  for (const sign of "0123456789abcdefghijklmnopqrstuvwxyz")
    for (const place of upTo(8)) {
      const run = [..."0a1b2c3d"].map((other, i) => (i === place ? sign : other)).join("");
      expect(parseRun(`run:${run}`)).toEqual({ run, moment: null });
      expect(parseRun(`run:${run}@${place}9`)).toEqual({ run, moment: 10 * place + 9 });
      expect(parsePlace(`#/judge?network=run:${run}@7`).network).toBe(`run:${run}@7`);
      expect(parsePlace(`#/judge?beside=run:${run}`).beside).toBe(`run:${run}`);
    }
  expect(parseRun("run:0a1b2c3d@999999999")?.moment).toBe(999999999);
  for (const none of ["", "videos", "run:0a1b2c3", "run:0a1b2c3d4", "run:0A1b2c3d", "run:0a1b2c3d@", "run:0a1b2c3d@-1"])
    expect(parseRun(none)).toBeNull();
  expect(parseRun("run:0a1b2c3d@1000000000")).toBeNull();
  expect(parseRun("run:0a1b2c3d@1x")).toBeNull();
  for (const name of ["videos", "reader", "file"]) expect(parsePlace(`#/?network=${name}`).network).toBe(name);
});

it("names every example by its kind and number", () => {
  expect(DIGITS).toEqual(upTo(10));
  for (const kind of ["test", "noise", "scribble", "letter", "shifted"] as const) {
    for (const index of [0, 9, 10, 99, 100, 999, 1000, 9999])
      expect(parseExample(`${kind}.${index}`)).toEqual({ kind, index });
    for (const none of ["10000", "-1", "x", ""]) expect(parseExample(`${kind}.${none}`)).toBeNull();
  }
  for (const index of [0, 1, 4999, 9998, 9999])
    for (const step of [-1, 0, 1]) expect(stepped(index, step)).toBe((index + step + 10000) % 10000);
});

it("names every neuron and every weight that a network has", () => {
  const sizes = [784, 12, 3, 10];
  sizes.forEach((size, layer) => {
    for (const index of upTo(size + 1)) {
      const is = layer > 0 && index < size;
      expect(parseNeuron(`${layer}.${index}`, sizes)).toEqual(is ? { layer, index } : null);
      expect(hasParameter(sizes, { layer, neuron: index, source: null })).toBe(is);
      if (layer === 0) continue;
      const before = sizes[layer - 1] ?? 0;
      for (const source of [0, before - 1, before])
        expect(hasParameter(sizes, { layer, neuron: index, source })).toBe(is && source < before);
    }
  });
  expect(parseNeuron("4.0", sizes)).toBeNull();
  for (const layer of [1, 2, 9, 10, 12, 99])
    for (const neuron of [0, 9, 10, 4095, 9999])
      for (const source of [null, 0, 9, 400, 9999]) {
        const place = { layer, neuron, source };
        expect(parseParameter(formatParameter(place))).toEqual(place);
        const inside =
          source === null ? `biases[${layer - 1}][${neuron}]` : `weights[${layer - 1}][${neuron}, ${source}]`;
        expect(parseParameter(inside)).toEqual(place);
        expect(parseParameter(`${layer - 1}.${neuron}.${source ?? "b"}`)).toEqual(place);
      }
  for (const none of [
    "w100.1.1",
    "w1.10000.1",
    "w1.1.10000",
    "b100.1",
    "b1.10000",
    "weights[100][1, 1]",
    "biases[1][10000]",
  ])
    expect(parseParameter(none)).toBeNull();
  for (const none of [
    "weights[0][10000, 1]",
    "weights[0][1, 10000]",
    "100.1.1",
    "1.10000.1",
    "1.1.10000",
    "w0.1.1",
    "b0.1",
  ])
    expect(parseParameter(none)).toBeNull();
  for (const none of ["w.1.1", "w1..1", "w1.1.", "b.1", "b1.", "weights[][1, 1]", "weights[0][, 1]", "weights[0][1, ]"])
    expect(parseParameter(none)).toBeNull();
  for (const none of ["biases[][1]", "biases[1][]", ".1.1", "1..1", "1.1."]) expect(parseParameter(none)).toBeNull();
});

it("names what is judged: cells, layers, damages", () => {
  for (const label of upTo(10))
    for (const answer of upTo(10)) expect(parseCell(`${label}.${answer}`)).toEqual({ label, answer });
  for (const n of [2, 4, 13]) for (const layer of upTo(n)) expect(parseLayer(String(layer), n)).toBe(layer);
  for (const n of [2, 4, 13]) for (const none of ["", String(n), "100", "-1"]) expect(parseLayer(none, n)).toBe(n - 2);
  for (const told of DAMAGES) {
    for (const amount of [told.first, -told.step, 0, 7.25]) {
      expect(parseDamage(`${told.kind}.${amount}`)).toEqual({ told, amount });
    }
    expect(parseDamage(told.kind)).toEqual({ told, amount: told.first });
    // what is taken first can be reached in steps
    expect(told.first / told.step).toBeCloseTo(Math.round(told.first / told.step));
  }
  expect(parseDamage("").told.kind).toBe("turn");
});

it("begins a damage where it shows and is moderate", () => {
  expect(DAMAGES.map(({ kind, step, first }) => [kind, step, first])).toEqual([
    ["shift", 0.5, 3],
    ["turn", 5, 30],
    ["scale", 0.05, 0.7],
    ["thickness", 0.25, 1],
    ["noise", 0.05, 0.3],
    ["contrast", 0.05, 0.4],
  ]);
});

it("names steps up to the most that are possible", () => {
  for (const learning_rate of [1e-3, 0.5, 2, 1000])
    for (const n_steps of [1, 2, 100])
      for (const n_beside of [0, 1, 10_000]) {
        const steps = { learning_rate, n_steps, n_beside };
        expect(parseSteps(formatSteps(steps))).toEqual(steps);
      }
  for (const [text, part] of [
    ["0_5_7", { learning_rate: 1 }],
    ["1000.1_5_7", { learning_rate: 1 }],
    ["3_0_7", { n_steps: 1 }],
    ["3_101_7", { n_steps: 1 }],
    ["3_5_-1", { n_beside: 0 }],
    ["3_5_10001", { n_beside: 0 }],
  ] as const)
    expect(parseSteps(text)).toMatchObject(part);
  expect(CUSTOMARY).toEqual({ learning_rate: 1, n_steps: 1, n_beside: 0 });
  const many = (query: string) => parseMany(parsePlace(`#/nudge?${query}`));
  expect(many("")).toEqual({ n: 100, seed: 0, by: "slope" });
  expect(many("digits=1&seed=5&by=dispute")).toEqual({ n: 1, seed: 5, by: "dispute" });
  expect([many("digits=0").n, many("digits=10000").n, many("digits=10001").n]).toEqual([100, 10000, 10000]);
});

it("names lines, planes and digits up to their ends, and takes none beyond", () => {
  const random = { along: "random" as const, starts: [1, 2, 3, 4, 5, 6], reach: 10_000 };
  expect(parseLine(formatLine(random))).toEqual(random);
  expect(parseLine("random_1_2_3_4_5_6_7").starts).toEqual([1, 2, 3, 4, 5, 6]);
  expect(parseLine("random_10000_-10000_10001").starts).toEqual([10000, -10000]);
  expect(["r10001", "r0", "r-1", "r"].map((part) => parseLine(`random_${part}`).reach)).toEqual([
    null,
    null,
    null,
    null,
  ]);
  expect(formatLine({ along: "weight", starts: [], reach: 2 })).toBe("weight_r2");
  expect(GROUND).toEqual({ plane: "descent", rate: 0.1, steps: 30, sizes: [0, 100, 10, 1], untrained: false });
  expect(["r1000", "r1001", "r1e-9", "r2e-9"].map((part) => parseGround(`descent_${part}`).rate)).toEqual([
    1000, 0.1, 0.1, 2e-9,
  ]);
  expect(["s2", "s3", "s500", "s501", "s7.9"].map((part) => parseGround(`descent_${part}`).steps)).toEqual([
    30, 3, 500, 500, 7,
  ]);
  for (const sizes of [[0], [100, 1], [10]]) {
    expect(parseGround(formatGround({ ...GROUND, sizes })).sizes).toEqual(sizes);
    expect(formatGround({ ...GROUND, sizes })).toBe(`descent_b${sizes.join("-")}`);
  }
  expect(["", "0", "1", "10000", "10001", "x", "2.5"].map((n) => parseSample(n, "").n)).toEqual([
    1000, 1, 1, 10000, 10000, 1000, 2,
  ]);
  expect(["", "-1", "0", "2147483647", "2147483648", "7.5"].map((seed) => parseSample("", seed).seed)).toEqual([
    0, 0, 0, 2147483647, 2147483647, 7,
  ]);
  expect(["", "0", "-1", "0.5", "7", "7.1", "x"].map((text) => positive(text, 7))).toEqual([
    null,
    null,
    null,
    0.5,
    7,
    null,
    null,
  ]);
});

it("asks the server for what the address says", () => {
  const chosen = { network: "videos" };
  const slice = (query: string) => parseSlice(parsePlace(`#/descend?${query}`), chosen as never, 41);
  expect(slice("")).toMatchObject({ chosen, along: "weight", parameter: null, reach: null, starts: [], points: 41 });
  expect(slice("")).toMatchObject({ learning_rate: null, n_steps: 12, sample: { n: 1000, seed: 0 } });
  expect(slice("along=gradient_2&weight=w1.3.400")).toMatchObject({ along: "gradient", parameter: null, starts: [2] });
  expect(slice("weight=b3.7&rate=0.5").parameter).toEqual({ layer: 3, neuron: 7, source: null });
  expect(slice("rate=1000000000").learning_rate).toBe(1e9);
  expect(slice("rate=1000000001").learning_rate).toBeNull();
  expect(["1", "60", "61", "0.5", "0", "1e9", "2e9"].map((steps) => slice(`steps=${steps}`).n_steps)).toEqual([
    1, 60, 60, 12, 12, 60, 12,
  ]);
  const surface = (query: string) => parseSurface(parsePlace(`#/descend?${query}`), chosen as never, 41);
  expect(surface("")).toMatchObject({ chosen, plane: "descent", points: 41, learning_rate: 0.1, n_steps: 30 });
  expect(surface("plane=random_u")).toMatchObject({ plane: "random", untrained: true });
  // nobody can take mini-batches of more digits than there are
  expect(["9", "10", "99", "100"].map((n) => surface(`digits=${n}`).mini_batch_sizes)).toEqual([
    [0, 1],
    [0, 10, 1],
    [0, 10, 1],
    [0, 100, 10, 1],
  ]);
  expect([tidy(1.23456), tidy(-0.000123456)]).toEqual([1.235, -0.0001235]);
  const ways = [{ distance: [-4, -3] }, { distance: [2.00001, 1] }, { distance: [] }];
  expect(startsOf(ways)).toEqual([-4, 2, 0]);
  expect(withStart(ways, 1, 3.14159)).toEqual([-4, 3.142, 0]);
  expect(withStart(ways, 3, 1)).toEqual([-4, 2, 0, 1]);
});

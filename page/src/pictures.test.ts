/** Pictures of numbers, recorded line by line on a wide screen and a narrow one, and pressed where their values lie. */
import { cleanup, fireEvent, render } from "@testing-library/svelte";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import Histogram from "./charts/Histogram.svelte";
import Lines from "./charts/Lines.svelte";
import type { Axis, Series } from "./charts/series";
import ActivationCurve from "./draw/ActivationCurve.svelte";
import Bars from "./draw/Bars.svelte";
import Threshold from "./draw/Threshold.svelte";
import Heat from "./judge/Heat.svelte";
import PerDigit from "./judge/PerDigit.svelte";
import type { NeuronDetail, Seen } from "./lib/api";
import Diagram from "./network/Diagram.svelte";
import Arrow from "./nudge/Arrow.svelte";
import Outputs from "./nudge/Outputs.svelte";
import { onAScreen, recorded } from "./recorded";

afterEach(cleanup);

const WIDTHS = [320, 640];
let undo: () => void = () => undefined;
afterAll(() => undo());

const axis = (name: string, low: number, high: number, log = false): Axis => ({
  name,
  low,
  high,
  log,
  show: (value) => value.toPrecision(2),
  read: (value) => value.toPrecision(5),
});
const SERIES: Series[] = [
  { name: "a run of some name", points: [0, 1, 2, 3, 4].map((x) => ({ x, y: 2 ** -x })), look: 0, thin: true },
  {
    name: "another one beside it",
    points: [
      { x: 1, y: 1 },
      { x: 2, y: NaN },
      { x: 4, y: 0.125 },
    ],
    look: 6,
    dots: true,
  },
  { name: "of many", points: Array.from({ length: 61 }, (_, i) => ({ x: i / 15, y: 0.5 })), look: 2, dots: true },
];
const DETAIL = {
  layer: 1,
  neuron: 3,
  weighted_sum: -1.25,
  threshold: -2.5,
  bias: 2.5,
  z: 1.25,
  activation: 0.7773,
  slope: 0.1731,
  function: "sigmoid",
  curve: { x: [-8, -4, 0, 4, 8], y: [0.0003, 0.018, 0.5, 0.982, 0.9997] },
} as unknown as NeuronDetail;
const SEEN: Seen = {
  network: "videos",
  layers: [
    { size: 784, shown: [0, 1, 392, 783], z: [], activations: [0, 1, 0.5, 0.25], biases: [] },
    { size: 3, shown: [0, 1, 2], z: [1.5, -2, 0], activations: [0.82, 0.12, 0.5], biases: [0, 0, 0] },
    { size: 2, shown: [0, 1], z: [0.1, 3], activations: [0.52, 0.95], biases: [0, 0] },
  ],
  edges: [
    {
      weights: [
        [0.5, -1, 0, 2],
        [0, 0.25, -0.001, 1],
        [1, 1, 1, -2],
      ],
      products: [
        [0, -1, 0, 0.5],
        [0, 0.25, 0, 0.25],
        [0, 1, 0.5, -0.5],
      ],
    },
    {
      weights: [
        [2, -2, 0.5],
        [1, 0, -1],
      ],
      products: [
        [1.64, -0.24, 0.25],
        [0.82, 0, -0.5],
      ],
    },
  ],
  outputs: [0.52, 0.95],
  answer: { digit: 1, confidence: null, reason: null, largest: 1 },
  rejects: false,
};
const WISHES = {
  image: "",
  outputs: {
    outputs: [0.9, 0.25, 0],
    wanted: [0, 1, 0],
    costs: [0.81, 0.5625, 0],
    cost: 1.3725,
    wishes: [-1.8, 1.5, 0],
    z_wishes: [-0.162, 0.28125, 0],
    answer: 0,
    cost_name: "quadratic",
  },
};
const COUNTS = Array.from({ length: 10 }, (_, label) =>
  Array.from({ length: 10 }, (__, answer) => (label === answer ? 90 + label : (label * answer) % 4)),
);
const sides = [
  { which: "network", network: "videos", title: "the videos' network", look: 0 },
  { which: "beside", network: "reader", title: "the reader", look: 1 },
];
const accuracies = (least: number) => Array.from({ length: 10 }, (_, i) => (i === 3 ? null : least + 0.01 * i));

/** What is drawn of each component, and what with. */
const PICTURES: Record<string, () => Element> = {
  lines: () =>
    render(Lines, {
      title: "Cost",
      series: SERIES,
      x: axis("steps", 0, 4),
      y: axis("cost", 0, 1),
      height: 240,
      mark: { x: 1, name: "you are here" },
    }).container,
  "logarithmic lines": () =>
    render(Lines, {
      title: "Cost",
      series: SERIES,
      x: axis("steps", 0, 4),
      y: axis("cost", 0.05, 1.5, true),
      height: 300,
      mark: { x: 3.5, name: "you are here" },
    }).container,
  histogram: () =>
    render(Histogram, { title: "Weights", counts: [1, 4, 100, 0, 25], low: -2, high: 3, show: String }).container,
  "a histogram above zero": () =>
    render(Histogram, { title: "Weights", counts: [1, 2], low: 1, high: 3, show: String }).container,
  "a histogram of one number": () =>
    render(Histogram, { title: "Weights", counts: [7], low: 0, high: 0, show: String }).container,
  curve: () => render(ActivationCurve, { detail: DETAIL }).container,
  "curve of a relu": () =>
    render(ActivationCurve, {
      detail: { ...DETAIL, function: "relu", z: -7, activation: 0, curve: { x: [-8, 0, 8], y: [0, 0, 8] } },
    }).container,
  threshold: () => render(Threshold, { detail: DETAIL }).container,
  "threshold not reached": () => render(Threshold, { detail: { ...DETAIL, weighted_sum: -4, z: -1.5 } }).container,
  bars: () => render(Bars, { values: [1, -0.5, 0, 2], title: "Weights", chosen: 1, onsource: vi.fn() }).container,
  "the network by its weights": () =>
    render(Diagram, { seen: SEEN, chosenNeuron: "1.1", onchoose: vi.fn(), edgesBy: "weight" }).container,
  "the network by what it passes on": () =>
    render(Diagram, { seen: SEEN, chosenNeuron: "", onchoose: vi.fn(), edgesBy: "product" }).container,
  arrows: () => {
    const { container } = render(Arrow, { q: "a", value: 1, largest: 2, most: 40 });
    render(Arrow, { q: "b", value: -2, largest: 2, most: 40, way: "upright", room: 20 }, { baseElement: container });
    return container;
  },
  "ten wishes": () =>
    render(Outputs, { told: WISHES as never, about: "test digit 8", chosen: 1, onchoose: vi.fn() }).container,
  "wishes by cross-entropy": () =>
    render(Outputs, {
      told: {
        ...WISHES,
        outputs: { ...WISHES.outputs, wanted: [0, 0, 0], cost_name: "cross-entropy", wishes: [-10, -1.3, -1] },
      } as never,
      about: "a scribble",
      chosen: -1,
      onchoose: vi.fn(),
    }).container,
  confusion: () =>
    render(Heat, { q: "network", name: "Confusion", counts: COUNTS, cell: { label: 4, answer: 9 }, onchoose: vi.fn() })
      .container,
  "accuracy of each digit": () =>
    render(PerDigit, {
      sides: sides as never,
      tests: [0.83, 0.9].map((least) => ({ value: { digit_accuracies: accuracies(least) } })) as never,
    }).container,
};

describe.each(WIDTHS)("%i px wide", (width) => {
  beforeAll(async () => {
    undo();
    undo = await onAScreen(width);
  });

  it.each(Object.keys(PICTURES))("%s", (name) => {
    expect(recorded(PICTURES[name]?.() as Element)).toMatchSnapshot();
  });

  it("lines tell the values under the pointer and are picked from there", async () => {
    const onpick = vi.fn();
    const { container } = render(Lines, {
      title: "Cost",
      series: SERIES,
      x: axis("steps", 0, 4),
      y: axis("cost", 0, 1),
      height: 240,
      onpick,
    });
    const svg = container.querySelector("svg") as SVGSVGElement;
    // shown at half its size, 100 px from the left
    svg.getBoundingClientRect = () => ({ left: 100, top: 0, width: width / 2, height: 120 }) as DOMRect;
    const at = (share: number) => ({ clientX: 100 + (56 + share * (width - 14 - 56)) / 2 });
    for (const share of [0, 0.5, 1]) await fireEvent.pointerUp(svg, at(share));
    await fireEvent.pointerUp(svg, { clientX: 100 });
    await fireEvent.pointerUp(svg, { clientX: 100 + width / 2 });
    expect(onpick.mock.calls.map(([x]) => x as number)).toEqual([0, 2, 4, 0, 4].map((x) => expect.closeTo(x)));
    const reading = () => container.querySelector(".reading")?.textContent.replace(/\s+/g, " ").trim();
    await fireEvent.pointerMove(svg, at(0.26));
    expect(reading()).toBe("steps 1.0000 0.50000 1.0000 0.50000");
    await fireEvent.pointerMove(svg, at(0.5));
    expect(reading()).toBe("steps 2.0000 0.25000 0.50000"); // where the second has no number, nothing is read
    await fireEvent.pointerLeave(svg);
    expect(reading()).toBe("");
  });

  it("bars are pressed where they stand", async () => {
    const onsource = vi.fn();
    const { container } = render(Bars, { values: [1, 2, 3, 4], title: "", chosen: 0, onsource });
    const svg = container.querySelector("svg") as SVGSVGElement;
    svg.getBoundingClientRect = () => ({ left: 10, width }) as DOMRect;
    for (const share of [0.01, 0.24, 0.26, 0.99]) await fireEvent.click(svg, { clientX: 10 + share * width });
    expect(onsource.mock.calls.map(([source]) => source as number)).toEqual([0, 0, 1, 3]);
  });
});

it("wishes are walked through by keys, round the ends", async () => {
  const { container } = render(Outputs, { told: WISHES as never, about: "", chosen: 0, onchoose: vi.fn() });
  const focused = () => document.activeElement?.getAttribute("data-output");
  const at = (i: number) => container.querySelector(`[data-output="${i}"]`) as SVGElement;
  for (const [from, key, to] of [
    [0, "ArrowRight", "1"],
    [2, "ArrowRight", "0"],
    [0, "ArrowLeft", "2"],
    [2, "ArrowLeft", "1"],
    [1, "Home", "0"],
    [1, "End", "2"],
  ] as const) {
    await fireEvent.keyDown(at(from), { key });
    expect([from, key, focused()]).toEqual([from, key, to]);
  }
});

it("a confusion matrix is walked through by arrow keys, up to its rim", async () => {
  const onchoose = vi.fn();
  const { container } = render(Heat, { q: "q", name: "n", counts: COUNTS, cell: null, onchoose });
  const cell = (name: string) => container.querySelector(`[data-cell="${name}"]`) as HTMLElement;
  const walked: (string | null | undefined)[] = [];
  for (const [from, key] of [
    ["0.0", "ArrowRight"],
    ["0.0", "ArrowDown"],
    ["0.0", "ArrowUp"],
    ["9.9", "ArrowRight"],
    ["9.9", "ArrowUp"],
    ["4.5", "ArrowLeft"],
  ] as const) {
    cell(from).focus();
    await fireEvent.keyDown(cell(from), { key });
    walked.push(document.activeElement?.getAttribute("data-cell"));
  }
  expect(walked).toEqual(["0.1", "1.0", "0.0", "9.9", "8.9", "4.4"]);
  await fireEvent.click(cell("4.9"));
  expect(onchoose.mock.lastCall).toEqual([4, 9]);
});

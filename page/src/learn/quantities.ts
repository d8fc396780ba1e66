/** What the numbers of this view are called, how they are computed, and what they mean. */
import type { Quantity } from "../charts/quantity";
import type { RunNews } from "../lib/api";
import { percent, shown, whole } from "../lib/numbers";
import { digitsOf } from "./settings";

const CROSS_ENTROPY = { sigmoid: "−Σⱼ [yⱼ ln aⱼ + (1 − yⱼ) ln(1 − aⱼ)]", softmax: "−Σⱼ yⱼ ln aⱼ" };

const rate = (news: RunNews) => shown(news.learning_rate, digitsOf(news.learning_rate));

/** Return what the cost is. */
export function aboutCost(news: RunNews): Quantity[] {
  const { cost, output_activation } = news.run.settings;
  const ofExample = cost === "quadratic" ? "Σⱼ (aⱼ − yⱼ)²" : CROSS_ENTROPY[output_activation];
  const last = news.costs.at(-1);
  const n = whole(news.mini_batch_size);
  const averaged =
    news.mini_batches_per_point > 1
      ? ` A point of the curve is the mean of ${whole(news.mini_batches_per_point)} mini-batches in a row.`
      : "";
  return [
    {
      name: "Cost of a mini-batch",
      formula: `C = 1/${n} · Σₓ ${ofExample}${last ? ` = ${shown(last.cost, 4)} after step ${whole(last.moment)}` : ""}`,
      meaning: `How far the ten outputs a are from those wanted, y: 1 for the right digit and 0 for the others, averaged over the ${n} digits x of a mini-batch. 0 would be perfect.${averaged}`,
    },
    {
      name: "Cost of an epoch",
      formula: `the same mean over all digits seen in the epoch so far${news.run.cost === null ? "" : ` = ${shown(news.run.cost, 4)}`}`,
      meaning: "Steadier than that of single mini-batches, which differ by the luck of their digits.",
    },
  ];
}

/** Return what accuracy is. */
export function aboutAccuracy(news: RunNews): Quantity[] {
  const { run } = news;
  return [
    {
      name: "Accuracy on test digits",
      formula: `digits read rightly / 10,000 test digits = ${percent(run.test_accuracy, 2)}`,
      meaning:
        "A digit is read rightly when the output of its class is the largest. The network has never learned from these digits.",
    },
    {
      name: "Accuracy on training digits",
      formula: `digits read rightly / ${whole(Math.min(10_000, run.settings.n_training))} training digits = ${percent(run.train_accuracy, 2)}`,
      meaning:
        "Measured on digits that it does learn from. Where this is far above the other, the network has learned some of them by heart.",
    },
  ];
}

/** Return what the weight pictures are. */
export const aboutWeights = (news: RunNews, scale: number | null): Quantity[] => [
  {
    name: "Weights of a neuron of the first layer",
    formula: `z = Σₖ wₖ aₖ + b, one weight wₖ for each of the 784 pixels${scale === null ? "" : `; full colour is ${shown(scale, 3)}`}`,
    meaning:
      "Each picture holds a neuron's 784 weights where their pixels are. Ink on blue raises the neuron's activation, ink on orange lowers it, and where the picture is pale it does not matter. All pictures share one scale; a quarter of the largest weight has half of its colour.",
  },
  {
    name: "A step",
    formula: `w ← w − η ∂C/∂w, with η = ${rate(news)}`,
    meaning:
      "After every mini-batch each weight moves against its slope. Pixels at the rim are never inked, so the weights there keep the noise they started with.",
  },
];

/** Return what the diagram's edges are. */
export const ABOUT_EDGES: Quantity[] = [
  {
    name: "Weight of an edge",
    formula: "w, blue above zero and orange below, the wider the larger",
    meaning:
      "What an activation counts for in the next neuron's sum. At the start they are noise; watch some grow and most stay small.",
  },
  {
    name: "What an edge passes on",
    formula: "w · a, the weight times the activation before it",
    meaning: "The part of the next neuron's sum that comes from this one, for the digit that is shown.",
  },
];

/** Return what is measured of each layer. */
export const ABOUT_LAYERS: Quantity[] = [
  {
    name: "Spread of weights",
    formula: "σ = √(mean of (w − mean of w)²)",
    meaning:
      "How many of a layer's weights are how large; the bars' heights grow with the square root of the number, so that the few large ones are seen.",
  },
  {
    name: "Size of the gradient",
    formula: "|∇C| = √(Σ (∂C/∂w)² + Σ (∂C/∂b)²), over the layer's weights and biases, on 500 training digits",
    meaning:
      "How steep the cost is in the directions of this layer. Near 0 the layer hardly moves: at the bottom of a valley, or stuck on a plain.",
  },
  {
    name: "Saturated",
    formula: "share of activations where the slope of the activation function is below 0.01",
    meaning:
      "Out where the function is flat, a nudge of the sum does not change the activation, and nothing can be learned through it. Outputs end up there when they are sure; hidden layers should not.",
  },
];

/** Return what the ticks and crosses are. */
export const ABOUT_TESTS: Quantity[] = [
  {
    name: "Taken for",
    formula: "the digit whose output aⱼ is the largest of the ten",
    meaning:
      "A tick where that is the digit it is. A cross with the digit it was taken for where not. Choose one to see how the network came to it.",
  },
];

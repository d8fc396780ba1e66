/** What the quantities of this view are: name, formula with its numbers, meaning. */
import type { Quantity } from "../charts/quantity";
import { fineDigits, shown, signed } from "../lib/numbers";
import type { AvenuesTold, ChainRuleTold, OutputsTold } from "./api";

export function aboutOutputs(outputs: OutputsTold, right: number): Quantity[] {
  const i = right >= 0 ? right : outputs.answer;
  const [a = NaN, y = NaN, wish = null] = [outputs.outputs[i], outputs.wanted[i], outputs.wishes[i]];
  const isQuadratic = outputs.cost_name === "quadratic";
  return [
    {
      name: "cost of one example",
      formula: isQuadratic ? `C = Σ (aⱼ − yⱼ)² = ${shown(outputs.cost, 4)}` : `C = ${shown(outputs.cost, 4)}`,
      meaning: isQuadratic
        ? "How far the outputs are from what they should be: the squares of the differences, added up. 0 would be perfect."
        : "Cross-entropy: how surprised the outputs would be by the right answer. 0 would be perfect.",
    },
    {
      name: "wish of its z",
      formula: "−dC/dz = −dC/da · da/dz",
      meaning: "The same for the weighted input: where the curve is flat, a wish gets nowhere. It is what goes back.",
    },
    {
      name: "wish",
      formula: isQuadratic
        ? `−dC/da = 2 (y − a) = 2 (${y} − ${shown(a, 3)}) = ${wish === null ? "infinite" : signed(wish, 3)} for output ${i}`
        : "−dC/da, minus the slope of the cost",
      meaning:
        "How much the cost falls for each unit that this output is nudged up; below zero the output is to be nudged down.",
    },
  ];
}

export function aboutAvenues(told: AvenuesTold): Quantity[] {
  return [
    {
      name: "the three ways",
      formula: "z = w₀a₀ + w₁a₁ + … + b",
      meaning:
        "A neuron's activation changes with its bias, with its weights, and with the activations before it. How much the cost falls for a nudge of each is minus its slope.",
    },
    {
      name: "of the bias",
      formula: `−dC/db = ${signed(told.bias, 4)}`,
      meaning: "A bias counts as much as a weight from a neuron whose activation is 1.",
    },
    {
      name: "of a weight",
      formula: `−dC/dw = −dC/db · a before = ${signed(told.bias, 4)} · a before`,
      meaning: "In proportion to the activation before it: weights from bright neurons matter more.",
    },
    {
      name: "of an activation before",
      formula: `−dC/da = −dC/db · w = ${signed(told.bias, 4)} · w`,
      meaning: "In proportion to the weight. It cannot be set directly: it is a wish that goes on to the layer before.",
    },
    {
      name: "cheapest",
      formula: `bias ${shown(told.fall_per_length.bias, 4)}, weights ${shown(told.fall_per_length.weights, 4)}, activations ${shown(told.fall_per_length.activations, 4)}`,
      meaning:
        "How much the cost falls per unit of length on each way's steepest path: the length of its list of slopes. The largest lowers the cost most for a nudge of the same length.",
    },
  ];
}

export const ABOUT_TABLES: Quantity[] = [
  {
    name: "a wish of the next layer",
    formula: "−dC/dzⱼ · wⱼₖ",
    meaning:
      "What neuron j of the next layer wants of neuron k before it: what j wants of its own weighted input, times the weight between them.",
  },
  {
    name: "the sum",
    formula: "Σⱼ −dC/dzⱼ · wⱼₖ = −dC/daₖ",
    meaning:
      "All the wishes for one neuron added up: what the example wants of it. With it the same begins again one layer back; that is why it is called backpropagation.",
  },
];

export function aboutChain(told: ChainRuleTold): Quantity[] {
  const digits = fineDigits(told.product);
  return [
    {
      name: "the chain rule",
      formula: `${told.factors.map(({ name }) => name).join(" · ")} = ${told.factors.map(({ value }) => shown(value, 4)).join(" · ")} = ${shown(told.product, digits)}`,
      meaning:
        "A nudge of the weight moves z by the activation before it; z moves the activation by the slope of the curve; the activation moves the cost. The three multiply.",
    },
    {
      name: "measured",
      formula: `(C(w + h) − C(w − h)) / 2h, refined: ${shown(told.measured, digits)}`,
      meaning:
        "The same slope without any calculus: the weight is really moved a thousandth up and down, and two, and the cost computed each time.",
    },
    {
      name: "the step",
      formula: `−η · ${shown(told.product, digits)}`,
      meaning: "Gradient descent moves the weight by minus the learning rate η times this slope.",
    },
  ];
}

export const ABOUT_EXAMPLES: Quantity[] = [
  {
    name: "what an example asks",
    formula: "−dC/dp of that example alone",
    meaning: "What this one digit would do to the weight or bias p, if only it counted.",
  },
  {
    name: "the average",
    formula: "(1/n) Σ −dC/dp = −(gradient of the mean cost)",
    meaning:
      "What every digit asks, added up and divided by their number, each weight on its own: that is minus the gradient, as backpropagation computes it in one go.",
  },
  {
    name: "disagree",
    formula: "share of digits whose sign is the opposite of the average's",
    meaning: "A step for the average goes against what these digits ask.",
  },
];

export const ABOUT_LESSON: Quantity[] = [
  {
    name: "the step",
    formula: "p ← p − η dC/dp, for all weights and biases p at once",
    meaning: "Every number of the network moves by minus the learning rate times its slope; that is all of learning.",
  },
  {
    name: "what it costs elsewhere",
    formula: "accuracy and mean cost of 10,000 test digits, before and after",
    meaning:
      "A network taught one example with large steps forgets others. Learn it together with other digits, or in smaller steps, and less is lost.",
  },
];

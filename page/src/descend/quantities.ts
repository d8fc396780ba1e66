/** What the numbers of this view are called, how they are computed, and what they mean. */
import type { Quantity } from "../charts/quantity";
import { shown, whole } from "../lib/numbers";
import type { GradientTold, NudgesTold, SliceTold, SurfaceTold } from "./api";

/** Return what the surface and its descents are. */
export function aboutGround(told: SurfaceTold | null): Quantity[] {
  const n = told ? whole(told.n) : "n";
  const first = told?.descents[0];
  const length = first?.length[1];
  return [
    {
      name: "Cost over a plane",
      formula: `C(x, y) = mean cost of ${n} training digits of the network p + x u + y v${told?.cost ? `; C(0, 0) = ${shown(told.cost, 5)}` : ""}`,
      meaning: `p are all ${told ? whole(told.n_parameters) : ""} weights and biases of the start, u and v two directions in which all of them change at once. Every point of the picture is a whole network, put to all the digits.`,
    },
    {
      name: "The plane of the descents",
      formula: "u, v: the first two principal directions of all networks on all the ways",
      meaning:
        "Of all planes through the start it is the one in which the descents moved most. A way leaves the plane too; it is drawn where it is seen at right angles.",
    },
    {
      name: "A random plane",
      formula: "u, v ~ N(0, 1), each layer's part as long as the layer's own numbers",
      meaning:
        "A distance of 1 changes every layer by as much as it is large. The descents hardly move in such a plane: of thousands of directions, almost none is the way down.",
    },
    {
      name: "Angle",
      formula: `cos = (step · −∇C) / (|step| |∇C|)${length ? `; the first step by the ${first.name} is ${shown(length, 5)} long` : ""}`,
      meaning:
        "Between a step and the steepest way down where it began, the gradient of all the digits. 0° is straight down, 90° is level.",
    },
    {
      name: "Digits used and seconds",
      formula: "summed over all steps so far",
      meaning: "What a step costs: the measuring of the cost and the angle, which only we need, is left out.",
    },
  ];
}

/** Return what a slice is. */
export function aboutSlice(told: SliceTold | null): Quantity[] {
  const way = told?.ways[0];
  const [from, slope, to] = [way?.distance[0], way?.slope[0], way?.distance[1]];
  return [
    {
      name: "Cost along a line",
      formula: `C(t) = mean cost of ${told ? whole(told.n) : "n"} training digits of the network p + t u${told ? `; C(0) = ${shown(told.cost, 5)}` : ""}`,
      meaning:
        "Only what lies along the line changes: one weight or bias, or all of them together. t = 0 is the network as it is.",
    },
    {
      name: "Slope",
      formula: `dC/dt${told ? ` = ${shown(told.slope, 6)} at t = 0` : ""}`,
      meaning: "How fast the cost grows to the right. The straight line drawn at the point has this slope.",
    },
    {
      name: "A step",
      formula: `t ← t − η dC/dt${told && from !== undefined && slope !== undefined && to !== undefined ? ` = ${shown(from, 3)} − ${shown(told.learning_rate, 3)} · ${shown(slope, 5)} = ${shown(to, 3)}` : ""}`,
      meaning:
        "In proportion to the slope: long where it is steep, short near the bottom of a valley, so that one does not overshoot it.",
    },
  ];
}

/** Return what the ranked gradient is. */
export function aboutGradient(told: GradientTold | null): Quantity[] {
  return [
    {
      name: "Slope of one parameter",
      formula: `∂C/∂p, mean over ${told ? whole(told.n) : "n"} training digits${told ? `; the largest is ${shown(told.largest, 6)}` : ""}`,
      meaning: "How fast the cost grows as this one weight or bias grows. Minus the slope is what learning asks of it.",
    },
    {
      name: "In words",
      formula: "a lot: at least half of the largest; somewhat: at least a tenth; a little: less",
      meaning: "A slope above zero asks to lower the number, one below zero to raise it.",
    },
    {
      name: "Length of the gradient",
      formula: `√(Σ (∂C/∂p)²)${told ? ` = ${shown(told.length, 5)} over ${whole(told.n_parameters)} numbers` : ""}`,
      meaning: "How steep the cost is in its steepest direction.",
    },
  ];
}

/** Return what two nudges are. */
export function aboutNudges(told: NudgesTold | null): Quantity[] {
  const one = told?.nudges[0];
  return [
    {
      name: "Predicted change",
      formula: `∂C/∂p · amount${one ? ` = ${shown(one.slope, 6)} · ${shown(one.amount, 3)} = ${shown(one.predicted, 7)}` : ""}`,
      meaning: "What the slope says the cost will do.",
    },
    {
      name: "Actual change",
      formula: `C after − C before${one ? ` = ${shown(one.cost_after, 7)} − ${shown(one.cost_before, 7)}` : ""}`,
      meaning: "Measured. The smaller the amount, the closer it is to the prediction.",
    },
  ];
}

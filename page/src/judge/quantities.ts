/** What the numbers of this view are called, how they are computed, and what they mean. */
import type { Quantity } from "../charts/quantity";
import { percent, shown, whole } from "../lib/numbers";
import type { TestJudged } from "./api";

const each = (tests: TestJudged[], say: (test: TestJudged) => string) => tests.map(say).join("; ");

/** Return what is measured on the test digits. */
export const aboutTest = (tests: TestJudged[]): Quantity[] => [
  {
    name: "Accuracy",
    formula: `digits whose largest output is that of their label / all of them${tests.length ? ` = ${each(tests, (t) => `${whole(t.confusion.reduce((sum, row, i) => sum + (row[i] ?? 0), 0))} / ${whole(t.n)} = ${percent(t.accuracy, 2)}`)}` : ""}`,
    meaning: "None is rejected here. No network has learned from the test digits.",
  },
  {
    name: "Mean cost",
    formula: `the network’s own cost, averaged over the digits${tests.length ? ` = ${each(tests, (t) => shown(t.cost, 4))}` : ""}`,
    meaning:
      "Networks that were trained with different costs cannot be compared by it: a quadratic cost and a cross-entropy are not in the same unit.",
  },
  {
    name: "Confidence",
    formula: "the largest output a, or sigmoid(s · ln(a / (1 − a)) + o) where the network has a calibration",
    meaning:
      "The reader’s slope s and offset o were fitted on writers that it had not seen, so that of the marks with confidence 0.9 nine in ten are right. Other networks have no calibration: their largest output is taken as it is.",
  },
  {
    name: "Calibration error",
    formula: `Σ over ten bins of (digits in the bin / all) · |accuracy − mean confidence|${tests.length ? ` = ${each(tests, (t) => percent(t.calibration_error, 2))}` : ""}`,
    meaning: "How far what the network says of its own certainty is from how often it is right. 0 would be honest.",
  },
];

export const ABOUT_CONFUSION: Quantity[] = [
  {
    name: "Confusion matrix",
    formula: "entry (i, j) = number of test digits with label i whose largest output is j",
    meaning:
      "On the diagonal, framed in blue, stand the digits that are read rightly. All else are mistakes: the deeper the orange, the more of them.",
  },
];

export const ABOUT_MISTAKES: Quantity[] = [
  {
    name: "Most confident mistakes",
    formula: "misread test digits in the order of their confidence",
    meaning:
      "What it is ✗ what it was taken for, and below the confidence. These are the mistakes that a threshold does not catch. Some labels are open to doubt; most of the digits are not.",
  },
];

export const ABOUT_PER_DIGIT: Quantity[] = [
  {
    name: "Accuracy of a digit",
    formula: "test digits with this label that are read rightly / all with this label",
    meaning: "The bars begin at the lowest tenth that all of them pass, so that small differences are seen.",
  },
];

export const ABOUT_CALIBRATION: Quantity[] = [
  {
    name: "Reliability diagram",
    formula: "for each tenth of [0, 1]: mean confidence of the digits in it, and the share of them that is right",
    meaning:
      "On the diagonal a confidence means what it says. A point below it: the network is too sure of itself. Bins with few digits are shaky; the table says how many are in each.",
  },
];

export const ABOUT_COVERAGE: Quantity[] = [
  {
    name: "Coverage",
    formula: "digits with a confidence of at least the threshold / all digits",
    meaning: "What the network dares to answer. The rest is handed to somebody who looks at it.",
  },
  {
    name: "Accuracy of what is accepted",
    formula: "accepted digits that are read rightly / accepted digits",
    meaning:
      "A higher threshold accepts less and errs less. Going left along a curve shows how much accuracy a bit of coverage buys.",
  },
];

export const ABOUT_OTHERS: Quantity[] = [
  {
    name: "Rejected",
    formula: "pictures with a confidence below the threshold",
    meaning: "For what is no digit this is right. For a shifted or turned digit it is at least not wrong.",
  },
  {
    name: "Confidently wrong",
    formula: "confidence above 0.9, and no digit or another digit",
    meaning: "The mistakes that hurt: nobody would look twice.",
  },
  {
    name: "The chance to tell them apart",
    formula: "of a test digit and one of these, that the digit has the larger confidence (ties count half)",
    meaning: "0.5 is no better than a coin, 1 tells all of them apart at some threshold.",
  },
  {
    name: "Curves",
    formula: "share accepted = pictures with a confidence of at least the threshold / all of them",
    meaning:
      "The thick lines should fall at once, the thin ones, which are the test digits, should stay up. Where both fall together no threshold helps. Choose a place in a chart to set the threshold there.",
  },
];

export const ABOUT_DAMAGE: Quantity[] = [
  {
    name: "Accuracy of damaged digits",
    formula: "damaged digits whose largest output is that of their label / all of them",
    meaning:
      "The image is damaged as it stands, and the network is shown the result as it is. A photo or drawing is brought to its place first, which undoes a shift and most of a scaling; see the steps in Draw.",
  },
];

export const ABOUT_MAP: Quantity[] = [
  {
    name: "Map of a layer",
    formula: "x = (a − mean of a) · u₁, y = (a − mean of a) · u₂",
    meaning:
      "Each digit is a point with as many coordinates as the layer has neurons: its activations a. Here they are seen on the plane in which they are spread widest; u₁ and u₂ are the eigenvectors of their covariance with the largest eigenvalues. In the pixels the digits lie in one heap, and layer by layer they come apart.",
  },
  {
    name: "Share of the variance",
    formula: "eigenvalue / sum of all eigenvalues, for each axis",
    meaning: "How much of the digits’ spread this flat view holds. What is near on the map may be far in the layer.",
  },
];

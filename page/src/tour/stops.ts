/** The stops of the guided way, chapter by chapter; what each says is held against the numbers of the network in hand. */
import { parseSlice } from "../descend/address";
import { sliceOf } from "../descend/api";
import { likes, misread, neuron as askNeuron } from "../lib/api";
import { formatParameter, parameterInWords, parseParameter, placeOf } from "../lib/parameters";
import { fineDigits, percent, shown, signed, whole } from "../lib/numbers";
import { parseNeuron, parseTestDigit } from "../lib/sources";
import { neuronName } from "../lib/words";
import { avenues, chain, examples, lessonOf, wishes } from "../nudge/api";
import { parseMany, parseSteps } from "../nudge/steps";
import type { Answer, Look, Stop } from "./look";

const MISREAD_AT_WORST = 33;
/** Of the largest wish: below it somebody hardly cares. */
const LEAST_SHARE = 0.01;

/** Return the place of a test digit that the network in hand misreads; the one in hand if it is misread already. */
async function misreadIn({ place, chosen }: Look) {
  const index = parseTestDigit(place.example) ?? MISREAD_AT_WORST;
  const found = await misread(chosen, index - 1);
  return { example: `test.${found.index ?? index}`, wanted: "" };
}

const neuronIn = ({ place, sizes }: Look) => parseNeuron(place.neuron, sizes);

async function neuronDetail(look: Look) {
  const at = neuronIn(look);
  return at && look.picture ? askNeuron(look.picture, look.chosen, at.layer, at.index) : null;
}

const outputsLayer = (look: Look) => look.sizes.length - 1;

/** The output with the largest wish, or the one that was chosen. */
async function outputIn(look: Look): Promise<number> {
  const at = neuronIn(look);
  if (at?.layer === outputsLayer(look)) return at.index;
  if (!look.lesson) return 0;
  const { outputs } = await wishes(look.lesson);
  return largest(outputs.wishes.map((wish) => wish ?? Infinity));
}

/** Return where the largest size stands. */
function largest(values: number[]): number {
  return values.reduce((best, value, i) => (Math.abs(value) > Math.abs(values[best] ?? 0) ? i : best), 0);
}

const so = (words: string, isSo = true): Answer => ({ words, isSo });
const WAYS: Record<string, string> = {
  bias: "its bias",
  weights: "its weights",
  activations: "the activations before it",
};

export const STOPS: Stop[] = [
  {
    id: "see",
    chapter: 1,
    title: "Ten numbers",
    says: "A network makes ten numbers of 784 pixels, one for each digit, and the largest is its answer.",
    todo: "Draw a digit of your own, and watch the ten outputs.",
    enter: async () => ({ view: "draw", neuron: "", wanted: "" }),
    aim: "",
    answer: async ({ seen }) => {
      const one = seen?.networks[0];
      if (!one) return null;
      const best = one.answer.largest;
      const second = largest(one.outputs.map((output, digit) => (digit === best ? 0 : output)));
      return so(
        `Just now output ${best} is the largest, ${shown(one.outputs[best] ?? NaN, 3)}; the next is output ${second}, ${shown(one.outputs[second] ?? NaN, 3)}.`,
      );
    },
  },
  {
    id: "sum",
    chapter: 1,
    title: "One neuron's sum",
    says: "A neuron multiplies each activation before it by a weight, adds all that up with its bias, and squashes the sum.",
    todo: "Choose another circle, and follow its sum.",
    enter: async ({ seen }) => {
      const first = seen?.networks[0]?.layers[1];
      const at = first ? (first.shown[largest(first.activations)] ?? 0) : 0;
      return { view: "draw", neuron: `1.${at}` };
    },
    aim: "",
    answer: async (look) => {
      const told = await neuronDetail(look);
      if (!told) return null;
      return so(
        `Here: ${shown(told.weighted_sum, 3)} ${told.bias < 0 ? "−" : "+"} ${shown(Math.abs(told.bias), 3)} = ${shown(told.z, 3)}, and ${told.function} makes ${shown(told.activation, 3)} of it.`,
      );
    },
  },
  {
    id: "features",
    chapter: 1,
    title: "What does it look for?",
    says: "One would hope that a hidden neuron looks for an edge or a loop; its weights and what excites it tell.",
    todo: "Scroll down to “What excites it most”, and compare some neurons of hidden layer 1.",
    enter: async ({ place, seen }) => {
      const first = seen?.networks[0]?.layers[1];
      const at = first ? (first.shown[largest(first.activations)] ?? 0) : 0;
      return { view: "draw", neuron: /^1\./.test(place.neuron) ? place.neuron : `1.${at}` };
    },
    aim: "What excites it most",
    answer: async (look) => {
      const at = neuronIn(look);
      if (!at) return null;
      const told = await likes(look.chosen, at.layer, at.index);
      const kinds = [...new Set(told.labels)].toSorted((a, b) => a - b);
      return kinds.length > 1
        ? so(
            `The ${told.labels.length} test digits that excite it most are of ${kinds.length} kinds: ${kinds.join(", ")}. No single shape, as the videos found.`,
          )
        : so(
            `The ${told.labels.length} test digits that excite it most are all ${kinds[0]}s: this one does look for a shape.`,
            false,
          );
    },
  },
  {
    id: "noise",
    chapter: 2,
    title: "It does not know that it does not know",
    says: "Shown pure noise, a network that has only ever seen digits names one all the same.",
    todo: "Try “Scribble” and “Letter” too, and look at both answers.",
    enter: async () => ({ view: "draw", example: "noise.0", neuron: "" }),
    aim: "",
    answer: async ({ seen }) => {
      const [one, other] = seen?.networks ?? [];
      if (!one || !other) return null;
      const named = one.answer.digit;
      const says = (answer: typeof one.answer) =>
        answer.digit === null
          ? `“not a digit”${answer.reason ? `: ${answer.reason}` : ""}`
          : `${answer.digit}, with an output of ${shown((answer === one.answer ? one : other).outputs[answer.digit] ?? NaN, 3)}`;
      return so(
        `It says ${says(one.answer)}. The network beside it${other.rejects ? ", taught what is no digit," : ""} says ${says(other.answer)}.`,
        named !== null,
      );
    },
  },
  {
    id: "cost",
    chapter: 2,
    title: "How wrong is it?",
    says: "The cost of an example adds up, over the ten outputs, the squares of how far each is from what it should be.",
    todo: "Take another misread digit, and see which output costs most.",
    enter: async (look) => ({ view: "nudge", neuron: "", weight: "", ...(await misreadIn(look)) }),
    aim: "",
    answer: async ({ lesson }) => {
      if (!lesson) return null;
      const { outputs } = await wishes(lesson);
      const most = largest(outputs.costs);
      return so(
        `This ${lesson.wanted ?? "no digit"} is taken for ${outputs.answer}. Its cost is ${shown(outputs.cost, 4)}, of which output ${most} is ${shown(outputs.costs[most] ?? NaN, 4)}.`,
      );
    },
  },
  {
    id: "downhill",
    chapter: 2,
    title: "Downhill",
    says: "Along any one weight the mean cost of many digits is a curve; a step goes against its slope, and steps shrink where it flattens.",
    todo: "Press “To the starts” and take some steps; then click into the picture to move a start.",
    enter: async () => ({ view: "descend" }),
    aim: "One direction",
    answer: async ({ chosen, place }) => {
      const asked = parseSlice(place, chosen, 3);
      const told = await sliceOf(asked);
      const name = told.parameter?.name ?? (asked.along === "gradient" ? "the steepest way" : "a random direction");
      const way = told.ways[0];
      const first = way ? Math.abs((way.distance[1] ?? 0) - (way.distance[0] ?? 0)) : 0;
      const last = way ? Math.abs((way.distance.at(-1) ?? 0) - (way.distance.at(-2) ?? 0)) : 0;
      const digits = fineDigits(told.slope);
      return so(
        `Along ${name} the cost is ${shown(told.cost, 5)} and its slope ${signed(told.slope, digits)}, over ${whole(told.n)} digits. From the first start the first step is ${shown(first, 4)} long, the last ${shown(last, 4)}${last < first ? "" : ": here they do not shrink"}.`,
        last < first,
      );
    },
  },
  {
    id: "wishes",
    chapter: 3,
    title: "Ten wishes",
    says: "What is far from right is to be nudged a lot, what is nearly right a little, up or down: that is minus the slope of the cost.",
    todo: "Choose an output whose arrow is long.",
    enter: async (look) => ({ view: "nudge", neuron: "", ...(await misreadIn(look)) }),
    aim: "",
    answer: async ({ lesson }) => {
      if (!lesson) return null;
      const { outputs } = await wishes(lesson);
      const found = outputs.wishes.map((wish) => wish ?? Infinity);
      const most = largest(found);
      const off = outputs.outputs.map((output, i) => output - (outputs.wanted[i] ?? 0));
      const isSo = largest(off) === most;
      return so(
        `The longest arrow is that of output ${most}, ${signed(found[most] ?? NaN, 3)}: it is ${shown(outputs.outputs[most] ?? NaN, 3)} and should be ${outputs.wanted[most]}${isSo ? ", farther off than any other" : `, though output ${largest(off)} is farther off`}.`,
        isSo,
      );
    },
  },
  {
    id: "three-ways",
    chapter: 3,
    title: "Three ways to raise an output",
    says: "An output can be changed by its bias, by its weights in proportion to the activations before them, or by those activations in proportion to the weights.",
    todo: "Compare the three ways of another output.",
    enter: async (look) => ({ view: "nudge", neuron: `${outputsLayer(look)}.${await outputIn(look)}` }),
    aim: "Three ways to change",
    answer: async (look) => {
      const at = neuronIn(look);
      if (!at || !look.lesson) return null;
      const told = await avenues(look.lesson, at.layer, at.index);
      const bright = largest(told.activations_before);
      const dim = told.activations_before.reduce(
        (best, a, i) => (Math.abs(a) < Math.abs(told.activations_before[best] ?? 0) ? i : best),
        0,
      );
      return so(
        `Cheapest here, by length: ${WAYS[told.cheapest]}, ${shown(told.fall_per_length[told.cheapest as "bias"], 4)}. The weight from the brightest neuron before (${shown(told.activations_before[bright] ?? NaN, 2)}) is wished to move by ${signed(told.weights[bright] ?? NaN, 4)}, that from the dimmest (${shown(told.activations_before[dim] ?? NaN, 2)}) by ${signed(told.weights[dim] ?? NaN, 4)}.`,
      );
    },
  },
  {
    id: "backwards",
    chapter: 3,
    title: "One layer back",
    says: "All ten outputs have wishes for every neuron before them; added up they are its wish, and the same begins again one layer back.",
    todo: "Choose a neuron in the table, and see the three ways to change that one.",
    enter: async () => ({ view: "nudge" }),
    aim: "And of the layers before?",
    answer: async (look) => {
      if (!look.lesson) return null;
      const { tables } = await wishes(look.lesson);
      const [table] = tables;
      if (!table)
        return so(
          "This network has no layer between its pixels and its outputs: there is nothing to hand back.",
          false,
        );
      const chosen = neuronIn(look);
      const named = chosen?.layer === table.layer ? table.columns.indexOf(chosen.index) : -1;
      const at = named >= 0 ? named : largest(table.wishes);
      const column = table.columns[at] ?? 0;
      const asked = table.table.map((row) => row[at] ?? 0);
      const least = LEAST_SHARE * Math.max(...asked.map(Math.abs));
      const [up, down] = [asked.filter((wish) => wish > least).length, asked.filter((wish) => wish < -least).length];
      const name = neuronName(table.layer, column, look.sizes.length);
      return so(
        `${named >= 0 ? "Of" : "Most is wished of"} ${name}${named >= 0 ? " is wished" : ""}: ${signed(table.wishes[at] ?? NaN, 3)} in all; ${up} of the next layer want it up, ${down} down, and the rest hardly care.`,
      );
    },
  },
  {
    id: "average",
    chapter: 3,
    title: "Everybody is asked",
    says: "Every digit has wishes of its own for every weight; their average is minus the gradient, and a step follows it although many disagree.",
    todo: "Press “the most disputed”, or ask 1,000 digits.",
    enter: async () => ({ view: "nudge" }),
    aim: "What do many examples ask?",
    answer: async ({ chosen, place }) => {
      const { n, seed, by } = parseMany(place);
      const at = parseParameter(place.weight);
      const told = await examples(chosen, n, seed, by, at ? [at] : []);
      const most = told.columns.reduce((best, one) => (one.disagreeing > best.disagreeing ? one : best));
      return so(
        `Of ${whole(told.indices.length)} digits ${percent(most.disagreeing)} ask for the opposite of the average on ${most.name}: the average is ${signed(most.mean, fineDigits(most.mean))}, the gradient ${signed(most.gradient, fineDigits(most.gradient))}.`,
        most.disagreeing > 0,
      );
    },
  },
  {
    id: "chain",
    chapter: 4,
    title: "Why would this weight change?",
    says: "A weight moves z, z moves the activation, the activation moves the cost: the slopes multiply, and a measurement must agree.",
    todo: "Open a path below, down to an output; or choose another weight.",
    enter: async ({ lesson }) => {
      if (!lesson) return { view: "nudge" };
      const told = await chain(lesson, null, { within: 1 });
      return { view: "nudge", weight: formatParameter(placeOf(told.parameter)) };
    },
    aim: "Why would this",
    answer: async (look) => {
      if (!look.lesson) return null;
      const told = await chain(look.lesson, parseParameter(look.place.weight));
      const digits = fineDigits(told.product);
      const [product, measured] = [shown(told.product, digits), shown(told.measured, digits)];
      const words = parameterInWords(placeOf(told.parameter), look.sizes.length);
      return so(
        `${told.name}, ${words}: ${told.factors.map(({ value }) => shown(value, fineDigits(value))).join(" × ")} = ${product}; measured, ${measured}.`,
        product === measured,
      );
    },
  },
  {
    id: "step",
    chapter: 4,
    title: "Take the step, and pay for it",
    says: "All weights at once move against their slopes; what helps one example may cost others.",
    todo: "Take smaller steps, or learn it together with 100 digits, and see what that costs.",
    enter: async () => ({ view: "nudge" }),
    aim: "Take the step",
    answer: async ({ lesson, place }) => {
      if (!lesson) return null;
      const told = await lessonOf(lesson, parseSteps(place.lesson));
      return so(
        `The example's cost goes from ${shown(told.before.cost, 4)} to ${shown(told.after.cost, 4)}; the test digits read rightly go from ${percent(told.before.test_accuracy, 2)} to ${percent(told.after.test_accuracy, 2)}.`,
        told.after.cost < told.before.cost,
      );
    },
  },
  {
    id: "learn",
    chapter: 4,
    title: "And again, 18,000 times",
    says: "Shuffle the digits, take a hundred, take the step for their average, and go on: that is all that learning is.",
    todo: "Train the videos' network from nothing; then go the way again with a network of your own.",
    enter: async () => ({ view: "learn" }),
    aim: "",
    answer: async ({ runs }) => {
      const run = runs.at(-1);
      if (!run) return so("You have not trained one yet.");
      return so(
        `Your newest run, ${run.name}, has taken ${whole(run.moment)} steps in ${shown(run.seconds, 2)} seconds and reads ${percent(run.test_accuracy, 2)} of the test digits.`,
        run.moment > 0,
      );
    },
  },
];

/** Return where in the way a stop stands; -1 for none of it. */
export const indexOfStop = (id: string): number => STOPS.findIndex((stop) => stop.id === id);

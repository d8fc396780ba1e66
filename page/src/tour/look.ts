/** What a stop of the guided way looks at: the network in hand, the example, and what the server says of them. */
import type { Chosen, Picture, RunTold, SeenByAll } from "../lib/api";
import type { Place } from "../lib/address";
import type { Lesson } from "../nudge/api";

export interface Look {
  place: Place;
  chosen: Chosen;
  /** The example with what it should be; null while that is not known. */
  lesson: Lesson | null;
  /** The picture in hand; null while there is none. */
  picture: Picture | null;
  /** Your runs, the newest last. */
  runs: RunTold[];
  /** What Draw sees just now; null elsewhere. */
  seen: SeenByAll | null;
  /** Neurons per layer of the network in hand. */
  sizes: number[];
}

/** What the numbers answer. */
export interface Answer {
  words: string;
  /** Whether they bear out what the stop says; where they do not, the words say what is so instead. */
  isSo: boolean;
}

export interface Stop {
  /** How the address names it. */
  id: string;
  chapter: 1 | 2 | 3 | 4;
  title: string;
  /** One sentence. */
  says: string;
  /** One thing to do. */
  todo: string;
  /** Where it leads to. */
  enter: (look: Look) => Promise<Partial<Place>>;
  /** The heading of the panel to look at; "" is the top of the view. */
  aim: string;
  answer: (look: Look) => Promise<Answer | null>;
}

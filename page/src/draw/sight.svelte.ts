/** What the networks see in the drawing, asked again at every change; and of one neuron everything. */
import { untrack } from "svelte";
import {
  likes,
  neuron,
  see,
  type Chosen,
  type Likes,
  type NeuronDetail,
  type Picture,
  type SeenByAll,
} from "../lib/api";
import { Asking } from "../lib/asking.svelte";
import { changes } from "../lib/changes.svelte";
import { insight } from "../lib/insight.svelte";
import { place } from "../lib/place.svelte";
import { trying } from "../lib/session.svelte";
import type { NeuronPlace } from "../lib/sources";
import type { Paper } from "../paint/paper.svelte";

/** A picture with what was seen in it: they belong together. */
export interface Sighting {
  picture: Picture;
  chosen: Chosen[];
  told: SeenByAll;
}

const MOST_MEASURES = 1000;
/** Between two looks into a neuron: the network itself goes first while one draws. */
const DETAIL_PAUSE_MS = 40;

export class Sight {
  readonly #seeing = new Asking<Sighting>({ gap: 0, keeps: "untilAnswered" });
  readonly #lookingInto = new Asking<NeuronDetail>({ gap: DETAIL_PAUSE_MS, keeps: "untilAnswered" });
  readonly #liking = new Asking<Likes>({ gap: 0, keeps: "nothing" });

  get now(): Sighting | null {
    return this.#seeing.value;
  }

  get detail(): NeuronDetail | null {
    return this.#lookingInto.value;
  }

  /** What the neuron looks for; null until that is found. */
  get likes(): Likes | null {
    return this.#liking.value;
  }

  /** Keep to what lies on the paper and to the neuron that is looked at; call it while a component is made. */
  follow(paper: Paper, at: () => NeuronPlace | null): void {
    this.#seeing.follow(() => {
      const both = [changes.chosen(place.network), changes.chosen(place.beside)];
      return paper.changed ? () => sightOf(paper, both) : undefined;
    });
    this.#lookingInto.follow(() => {
      const [sighting, one] = [this.now, at()];
      const first = sighting?.chosen[0];
      if (!one) return null;
      if (!first || first.network !== place.network) return undefined;
      return () => trying(() => neuron(sighting.picture, first, one.layer, one.index));
    });
    this.#liking.follow(() => {
      void changes.settled;
      const [network, one] = [place.network, at()];
      const chosen = untrack(() => changes.chosen(network));
      return one && (() => trying(() => likes(chosen, one.layer, one.index)));
    });
  }
}

/** Return what networks see on the paper; the picture is made only now that there is time for it. */
async function sightOf(paper: Paper, chosen: Chosen[]): Promise<Sighting | undefined> {
  const { picture, strokeAt } = paper.picture();
  const told = await trying(() => see(picture, chosen));
  if (!told) return undefined;
  insight.now = { picture, told };
  if (strokeAt) measure(strokeAt);
  return { picture, chosen, told };
}

/** Write down how long it took from the pointer's move to the frame that shows what was seen. */
function measure(strokeAt: number): void {
  requestAnimationFrame(() => {
    if (performance.getEntriesByName("stroke-to-picture").length >= MOST_MEASURES)
      performance.clearMeasures("stroke-to-picture");
    performance.measure("stroke-to-picture", { start: strokeAt, end: performance.now() });
    performance.clearMarks("stroke");
  });
}

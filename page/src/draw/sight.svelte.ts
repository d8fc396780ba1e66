/** What the networks see in the drawing, asked again at every change; and of one neuron everything. */
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
import { insight } from "../lib/insight.svelte";
import { trying } from "../lib/session.svelte";
import { latestWins } from "./newest";

export interface Wish {
  /** Makes the picture, once there is time for it; tells when the pointer moved that made it, 0 if none did. */
  take: () => { picture: Picture; strokeAt: number };
  chosen: Chosen[];
}

/** A picture with what was seen in it: they belong together. */
export interface Sighting {
  picture: Picture;
  chosen: Chosen[];
  told: SeenByAll;
}

interface NeuronWish {
  sighting: Sighting;
  layer: number;
  index: number;
}

const MOST_MEASURES = 1000;
/** Between two looks into a neuron: the network itself goes first while one draws. */
const DETAIL_PAUSE_MS = 40;

export class Sight {
  now: Sighting | null = $state.raw(null);
  detail: NeuronDetail | null = $state.raw(null);
  likes: Likes | null = $state.raw(null);

  readonly look = latestWins<Wish>(async ({ take, chosen }) => {
    const { picture, strokeAt } = take();
    const told = await trying(() => see(picture, chosen));
    if (!told) return;
    this.now = { picture, chosen, told };
    insight.now = { picture, told };
    if (strokeAt) measure(strokeAt);
  });

  readonly lookInto = latestWins<NeuronWish>(async ({ sighting, layer, index }) => {
    const [first] = sighting.chosen;
    if (!first) return;
    const told = await trying(() => neuron(sighting.picture, first, layer, index));
    if (told) this.detail = told;
    await new Promise((done) => setTimeout(done, DETAIL_PAUSE_MS));
  });

  readonly findLikes = latestWins<{ chosen: Chosen; layer: number; index: number } | null>(async (wish) => {
    if (!wish) return;
    const told = await trying(() => likes(wish.chosen, wish.layer, wish.index));
    if (told) this.likes = told;
  });
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

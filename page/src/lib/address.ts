/** Addresses: what the part after # says, and how it is written. */

export const VIEWS = ["draw", "learn"] as const;
export type View = (typeof VIEWS)[number];

/** What the address says: every part a text, "" where there is none. */
export interface Place {
  view: View;
  /** The network in hand: videos, reader, run:ID or run:ID@MOMENT. */
  network: string;
  /** The network beside it. */
  beside: string;
  /** The example drawn: KIND.INDEX. */
  example: string;
  /** The neuron looked at: LAYER.INDEX. */
  neuron: string;
  /** The run looked at. */
  run: string;
}

const START: Place = { view: "draw", network: "videos", beside: "reader", example: "", neuron: "", run: "" };

/** Return the place that an address's fragment says. */
export function parsePlace(fragment: string): Place {
  const [path = "", query = ""] = fragment.replace(/^#\/?/, "").split("?");
  const told = new URLSearchParams(query);
  const view = VIEWS.find((name) => name === path) ?? START.view;
  const place: Place = { ...START, view };
  for (const name of ["network", "beside", "example", "neuron", "run"] as const) {
    const value = told.get(name);
    if (value !== null) place[name] = value;
  }
  return place;
}

/** Return the fragment of a place; what is as at the start is left out. */
export function formatPlace(place: Place): string {
  const told = new URLSearchParams();
  for (const name of ["network", "beside", "example", "neuron", "run"] as const)
    if (place[name] !== START[name]) told.set(name, place[name]);
  const query = told.toString().replaceAll("%3A", ":").replaceAll("%40", "@");
  return `#/${place.view}${query ? `?${query}` : ""}`;
}

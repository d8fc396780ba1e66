/** Where we are, kept in the address, so that a view can be linked, reloaded and reproduced. */
import { formatPlace, parsePlace, type Place } from "./address";

/** The place we are at. */
export const place: Place = $state(parsePlace(location.hash));

/** Go somewhere: a new entry in the browser's history, or with `quietly` the same one. */
export function go(change: Partial<Place>, quietly = false): void {
  Object.assign(place, change);
  const fragment = formatPlace(place);
  if (fragment === location.hash) return;
  if (quietly) history.replaceState(null, "", fragment);
  else history.pushState(null, "", fragment);
}

window.addEventListener("popstate", () => Object.assign(place, parsePlace(location.hash)));
window.addEventListener("hashchange", () => Object.assign(place, parsePlace(location.hash)));

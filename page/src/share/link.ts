/** The address of what is on the screen, for somebody else. */
import { formatPlace, type Place } from "../lib/address";
import { see } from "../lib/api";
import { formatInk } from "../lib/inked";
import { kept, subjectInKept } from "../lib/subject.svelte";

/** Return a link to a place; a drawing that only this tab keeps goes with it. */
export async function linkTo(place: Place): Promise<string> {
  const drawing = place.example === "" ? subjectInKept(kept.text) : null;
  let example = place.example;
  if (drawing)
    example = await formatInk((await see(drawing.picture, [{ network: "videos", changes: [] }])).steps.image);
  return location.href.replace(/#.*$/, "") + formatPlace({ ...place, example });
}

/** Return what a link to a place leaves out; "" if that is nothing. */
export function missingIn(place: Place, nChanges: number): string {
  const namesRun = place.run !== "" || [place.network, place.beside].some((network) => network.startsWith("run:"));
  const said = [
    namesRun ? "It names a run, and runs belong to this browser: in another one it finds none." : "",
    nChanges ? "What you changed by hand is not in it." : "",
  ];
  return said.filter((sentence) => sentence !== "").join(" ");
}

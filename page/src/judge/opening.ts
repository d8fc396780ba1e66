/** Where a picture leads: a misread digit to Nudge, all else to Draw. */
import { formatInk } from "../lib/inked";
import { go, place } from "../lib/place.svelte";
import { isKind } from "../lib/sources";
import type { JudgedPicture } from "./api";

/** Kinds whose pictures are test digits as they are. */
export const TEST = "test";

/** Open a picture with the network that judged it in hand. */
export async function open(network: string, kind: string, picture: JudgedPicture): Promise<void> {
  const other = network === place.beside ? place.network : place.beside;
  const inHand = { network, beside: other, wanted: "", weight: "", neuron: "" };
  if (kind === TEST && picture.label !== picture.answer)
    go({ ...inHand, view: "nudge", example: `test.${picture.index}` });
  else if (isKind(kind)) go({ ...inHand, view: "draw", example: `${kind}.${picture.index}` });
  else go({ ...inHand, view: "draw", example: await formatInk(picture.image) });
}

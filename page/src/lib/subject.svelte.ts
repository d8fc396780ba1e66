/** The example in hand in every view: the one that the address names, or the drawing that this tab keeps. */
import { CANVAS_PX, halved, SENT_PX } from "../paint/ink";
import { example as askExample, type Example, type Picture } from "./api";
import { base64Of, bytesOf } from "./bytes";
import { parseInk, saysInk } from "./inked";
import { place } from "./place.svelte";
import { trying } from "./session.svelte";
import { parseExample } from "./sources";

/** Where Draw keeps what lies on its paper. */
export const KEPT = "drawing";
const OPENING = { kind: "test", index: 0 } as const;

export interface Subject {
  picture: Picture;
  /** The right answer where it is known; null of a drawing, and of what is no digit. */
  label: number | null;
  /** What it is, in a few words. */
  about: string;
  /** test, noise, ..., image or drawing. */
  kind: string;
  index: number;
}

/** Kinds of examples that are known to be no digits. */
const NO_DIGITS = ["noise", "scribble", "letter"];

const subjectOf = ({ kind, index, label, about, width, height, ink, normalise }: Example): Subject => ({
  picture: { width, height, ink, normalise },
  label,
  about,
  kind,
  index,
});

/** Return an image that the network is shown as it is, as an example. */
export const exampleOfImage = (ink: string, about: string): Example => ({
  kind: "image",
  index: 0,
  label: null,
  width: 28,
  height: 28,
  ink,
  normalise: false,
  about,
});

/** Return the drawing that a text of Draw's keeps; null if it keeps none. */
export function subjectInKept(kept: string | null): Subject | null {
  if (!kept) return null;
  try {
    const sheet = JSON.parse(kept) as { ink: string; example: Example | null; normalise: boolean };
    if (sheet.example) return { ...subjectOf(sheet.example), label: sheet.example.label };
    const ink = base64Of(halved(bytesOf(sheet.ink), CANVAS_PX));
    const picture = { width: SENT_PX, height: SENT_PX, ink, normalise: sheet.normalise };
    return { picture, label: null, about: "your drawing", kind: "drawing", index: 0 };
  } catch {
    return null;
  }
}

async function found(address: string): Promise<Subject | null> {
  const named = parseExample(address);
  if (named) return subjectOf(await askExample(named.kind, named.index));
  if (saysInk(address)) {
    const image = await parseInk(address);
    if (image) return subjectOf(exampleOfImage(image, "a drawing from a link"));
  }
  return subjectInKept(sessionStorage.getItem(KEPT)) ?? subjectOf(await askExample(OPENING.kind, OPENING.index));
}

export class SubjectInHand {
  now: Subject | null = $state.raw(null);

  /** Keep to what the address names, while the component that calls this is shown. */
  follow(): void {
    const address = $derived(place.example);
    $effect(() => {
      let isOver = false;
      void trying(() => found(address)).then((subject) => {
        if (subject && !isOver) this.now = subject;
      });
      return () => (isOver = true);
    });
  }

  /** What the example should be: as the address says, else as is known; undefined where nobody knows yet. */
  get wanted(): number | null | undefined {
    if (/^[0-9]$/.test(place.wanted)) return Number(place.wanted);
    if (place.wanted === "none") return null;
    if (!this.now) return undefined;
    return this.now.label ?? (NO_DIGITS.includes(this.now.kind) ? null : undefined);
  }
}

/** The example in hand in every view: the one that the address names, or the drawing that this tab keeps. */
import { example as askExample, type Example, type Picture } from "./api";
import { Asking } from "./asking.svelte";
import { base64Of, bytesOf } from "./bytes";
import { CANVAS_PX, halved, SENT_PX, SIDE_PX } from "./ink";
import { parseInk } from "./inked";
import { place } from "./place.svelte";
import { trying } from "./session.svelte";
import { OPENING, parseExample } from "./sources";

const KEPT = "drawing";

class Kept {
  #changed = $state(0);

  /** What Draw keeps of its paper in this tab; null where nothing is kept. What reads it is told when it changes. */
  get text(): string | null {
    void this.#changed;
    return sessionStorage.getItem(KEPT);
  }

  set text(text: string) {
    sessionStorage.setItem(KEPT, text);
    this.#changed += 1;
  }
}

export const kept = new Kept();

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
  width: SIDE_PX,
  height: SIDE_PX,
  ink,
  normalise: false,
  about,
});

/** Return the drawing that an address says, as an example; null if it says none. */
export async function exampleInLink(address: string): Promise<Example | null> {
  const image = await parseInk(address);
  return image === null ? null : exampleOfImage(image, "a drawing from a link");
}

/** Return the drawing that a text of Draw's keeps; null if it keeps none. */
export function subjectInKept(text: string | null): Subject | null {
  if (!text) return null;
  try {
    const sheet = JSON.parse(text) as { ink: string; example: Example | null; normalise: boolean };
    if (sheet.example) return subjectOf(sheet.example);
    const ink = base64Of(halved(bytesOf(sheet.ink), CANVAS_PX));
    const picture = { width: SENT_PX, height: SENT_PX, ink, normalise: sheet.normalise };
    return { picture, label: null, about: "your drawing", kind: "drawing", index: 0 };
  } catch {
    return null;
  }
}

async function found(address: string, drawing: string | null): Promise<Subject | null> {
  const named = parseExample(address);
  if (named) return subjectOf(await askExample(named.kind, named.index));
  const linked = await exampleInLink(address);
  if (linked) return subjectOf(linked);
  return subjectInKept(drawing) ?? subjectOf(await askExample(OPENING.kind, OPENING.index));
}

export class SubjectInHand {
  readonly #asking = new Asking<{ subject: Subject; address: string }>({ overtakes: true, keeps: "untilAnswered" });

  get now(): Subject | null {
    return this.#asking.value?.subject ?? null;
  }

  /** Whether it is the one that the address names now: another one takes a moment to come. */
  get isCurrent(): boolean {
    return this.#asking.value?.address === place.example;
  }

  /** Keep to what the address names, while the component that calls this is shown. */
  follow(): void {
    this.#asking.follow(() => {
      const [address, drawing] = [place.example, kept.text];
      return async () => {
        const subject = await trying(() => found(address, drawing));
        return subject ? { subject, address } : undefined;
      };
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

/** What outlives a reload: the address names the example on the paper; what is drawn is kept in this tab. */
import { onMount, untrack } from "svelte";
import { example as askExample } from "../lib/api";
import { saysInk } from "../lib/inked";
import { go, place } from "../lib/place.svelte";
import { trying } from "../lib/session.svelte";
import { exampleInLink, kept } from "../lib/subject.svelte";
import type { Paper } from "../paint/paper.svelte";
import { formatExample, OPENING, parseExample, type Named } from "../lib/sources";

/** Keep paper and address at one, while the component that calls this is shown; `ask` puts a named example down. */
export function keep(paper: Paper, ask: (named: Named) => void): void {
  $effect(() => {
    const named = parseExample(place.example);
    if (named && place.example !== untrack(() => formatExample(paper.example))) ask(named);
    void exampleInLink(place.example).then((example) => {
      if (example) paper.put(example);
    });
  });
  $effect(() => {
    if (!paper.finished) return;
    const text = paper.isOpening ? "" : formatExample(paper.example);
    if (text !== untrack(() => place.example)) go({ example: text }, true);
  });
  $effect(() => {
    if (!paper.finished || paper.isOpening) return;
    untrack(() => (kept.text = paper.kept()));
  });
  onMount(() => {
    if (parseExample(place.example) || saysInk(place.example)) return;
    const text = kept.text;
    if (text && paper.takeUp(text)) return;
    void trying(async () => paper.put(await askExample(OPENING.kind, OPENING.index), true));
  });
}

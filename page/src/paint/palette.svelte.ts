/** The theme's colours as numbers, for what is painted pixel by pixel; they follow the theme. */
import type { Colour } from "./rgba";
import { parseColour, tableOfInk, tableOfWeights, type Palette, type Table } from "./tables";

function colourOf(variable: string): Colour {
  const probe = document.createElement("span");
  probe.style.color = `var(${variable})`;
  document.body.append(probe);
  const colour = parseColour(getComputedStyle(probe).color);
  probe.remove();
  return colour;
}

const read = (): Palette => ({
  above: colourOf("--above"),
  below: colourOf("--below"),
  ink: colourOf("--ink"),
  paper: colourOf("--raised"),
});

let now: Palette = $state.raw(read());
const weights = $derived(tableOfWeights(now));
const ink = $derived(tableOfInk(now));

/** Return the colours as they are now; what reads them is told when the theme changes. */
export const palette = (): Palette => now;

/** Return the colours of bytes, as the theme has them now. */
export const colours = (of: "weights" | "ink"): Table => (of === "weights" ? weights : ink);

const again = () => (now = read());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });

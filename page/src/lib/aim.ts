/** Bringing a part of a view into sight by its heading, as soon as it is there. */
import { tick } from "svelte";

const PATIENCE_MS = 4000;
const AGAIN_MS = 100;

/** Bring the panel into sight whose heading begins so; "" is the top of the view. */
export async function aim(heading: string): Promise<void> {
  await tick();
  if (!heading) {
    window.scrollTo({ top: 0 });
    return;
  }
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const found = [...document.querySelectorAll("main h2, main h3")].find((one) =>
      one.textContent?.trim().startsWith(heading),
    );
    if (found) {
      (found.closest("section") ?? found).scrollIntoView({ block: "start" });
      return;
    }
    await new Promise((done) => setTimeout(done, AGAIN_MS));
  }
}

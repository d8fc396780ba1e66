/** A picture as text, for the records of what is drawn: `npx vitest run -u` makes them anew once a change is wanted. */

const NUMBER = /-?\d+\.\d{4,}(e-?\d+)?/g;

/** Return an element with all that is in it, one line each: attributes and words; numbers to a thousandth. */
export function recorded(element: Element, depth = 0): string {
  const parts = [...element.attributes].flatMap(({ name, value }) => {
    // What the compiler adds differs from build to build, and counted names from run to run.
    const own = value.replace(/\bsvelte-\w+|-c\d+\b/g, "").trim();
    if (name === "id" || (name === "class" && own === "")) return [];
    const plain = own.replace(NUMBER, rounded);
    return [`${name}=${plain.replace(/\s+/g, " ")}`];
  });
  const words = [...element.childNodes]
    .filter((node) => node.nodeType === Node.TEXT_NODE)
    .map((node) => (node.textContent ?? "").replace(/\s+/g, " ").trim())
    .filter((text) => text !== "");
  const line = ["  ".repeat(depth) + element.tagName.toLowerCase(), ...parts, ...words.map((word) => `"${word}"`)];
  return [line.join(" "), ...[...element.children].map((child) => recorded(child, depth + 1))].join("\n");
}

const rounded = (number: string): string => String(Number(Number(number).toFixed(3)));

const COLOURS = {
  "--above": "31, 95, 174",
  "--below": "200, 98, 10",
  "--ink": "20, 24, 30",
  "--raised": "255, 253, 248",
};

/** Let everything be so many pixels wide and have the theme's colours, as on a screen; return what undoes it. */
export async function onAScreen(width: number): Promise<() => void> {
  const { style } = document.documentElement;
  for (const [name, colour] of Object.entries(COLOURS)) style.setProperty(name, `rgb(${colour})`);
  const own = Object.getOwnPropertyDescriptor(HTMLElement.prototype, "clientWidth");
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { configurable: true, get: () => width });
  document.documentElement.dataset.theme = "light"; // which makes the palette read the colours again
  await new Promise((done) => setTimeout(done));
  return () => {
    if (own) Object.defineProperty(HTMLElement.prototype, "clientWidth", own);
    else Reflect.deleteProperty(HTMLElement.prototype, "clientWidth");
    document.documentElement.removeAttribute("style");
    delete document.documentElement.dataset.theme;
  };
}

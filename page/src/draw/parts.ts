/** Parts of a page in which to look, each with a name: drawn once, a form is read the same way every time. */
import type { ReadPage } from "../lib/api";

export interface Part {
  name: string;
  /** Left, top, width, height, in pixels of the page. */
  box: [number, number, number, number];
}

/** Less than this many pixels of the page wide or high, it was a click. */
const LEAST = 4;

/** Return parts as they are asked for. */
export const asked = (parts: Part[]): string[] => parts.map(({ name, box }) => `${name}=${box.join(",")}`);

/** Return a name that no part has. */
export function freeName(parts: Part[]): string {
  const taken = new Set(parts.map(({ name }) => name));
  let n = parts.length + 1;
  while (taken.has(`part ${n}`)) n++;
  return `part ${n}`;
}

/** Return a name for a part as it was typed, without what a name may not hold, and free. */
export function nameFor(typed: string, others: Part[]): string {
  const name = typed.replaceAll("=", " ").trim().slice(0, 100);
  return name && !others.some((part) => part.name === name) ? name : freeName(others);
}

/** Return the box between two corners, as shares of the page from 0 to 1, in its pixels; null for a mere click. */
export function between(from: [number, number], to: [number, number], page: ReadPage): Part["box"] | null {
  const within = (share: number) => Math.min(1, Math.max(0, share));
  const [x0, x1] = [within(from[0]), within(to[0])].sort((a, b) => a - b).map((x) => Math.round(x * page.width));
  const [y0, y1] = [within(from[1]), within(to[1])].sort((a, b) => a - b).map((y) => Math.round(y * page.height));
  if (x0 === undefined || x1 === undefined || y0 === undefined || y1 === undefined) return null;
  return x1 - x0 < LEAST || y1 - y0 < LEAST ? null : [x0, y0, x1 - x0, y1 - y0];
}

/** Return a form's file for `glassnet read --form`.
 *
 * In per cent of the page, whatever the next scan's resolution; in pixels where the page is a sheet that lies askew in
 * its photo, since per cent would be of the sheet. */
export function formOf(parts: Part[], page: ReadPage): string {
  const share = (pixels: number, whole: number) => Number(((100 * pixels) / whole).toFixed(3));
  const regions = parts.map(({ name, box: [left, top, width, height] }) =>
    page.is_sheet
      ? { name, box: [left, top, width, height], unit: "px" }
      : {
          name,
          box: [share(left, page.width), share(top, page.height), share(width, page.width), share(height, page.height)],
          unit: "%",
        },
  );
  return `${JSON.stringify({ regions }, null, 1)}\n`;
}

/** Return what was read, and what it was corrected to, as CSV. */
export function correctedCsv(page: ReadPage, texts: string[]): string {
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const rows = page.lines.map((line, i) =>
    [quoted(line.region), i + 1, quoted(line.text), quoted(texts[i] ?? line.text)].join(","),
  );
  return `${["region,line,read,corrected", ...rows].join("\n")}\n`;
}

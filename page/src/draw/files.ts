/** Pictures and tables as files. */

/** Offer a file to be saved. */
export function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

/** Return a table as CSV; a text with a comma or a quote in it is quoted. */
export function csvOf(rows: (string | number)[][]): string {
  const cell = (value: string | number) =>
    typeof value === "number" || !/[",\n]/.test(value) ? String(value) : `"${value.replaceAll('"', '""')}"`;
  return rows.map((row) => row.map(cell).join(",") + "\n").join("");
}

const LOOKS = [
  "fill",
  "fill-opacity",
  "stroke",
  "stroke-width",
  "stroke-opacity",
  "stroke-dasharray",
  "opacity",
  "font-family",
  "font-size",
  "font-weight",
  "font-style",
  "text-anchor",
  "paint-order",
  "display",
];

/** Return a copy of a sheet's contents, with what the page's style sheet says of it written into it. */
function styled(sheet: SVGSVGElement): SVGSVGElement {
  const copy = sheet.cloneNode(true) as SVGSVGElement;
  const copies = copy.querySelectorAll<SVGElement>("*");
  sheet.querySelectorAll<SVGElement>("*").forEach((original, i) => {
    const computed = getComputedStyle(original);
    const mine = copies[i];
    for (const look of LOOKS) mine?.style.setProperty(look, computed.getPropertyValue(look));
    for (const name of ["class", "tabindex", "role", "aria-pressed"]) mine?.removeAttribute(name);
  });
  return copy;
}

/** Return sheets that lie on one another as one SVG file. */
export function svgFile(sheets: SVGSVGElement[]): Blob {
  const whole = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  whole.setAttribute("viewBox", sheets[0]?.getAttribute("viewBox") ?? "0 0 1 1");
  whole.style.background = getComputedStyle(document.body).backgroundColor;
  for (const sheet of sheets) {
    const group = document.createElementNS("http://www.w3.org/2000/svg", "g");
    group.append(...styled(sheet).childNodes);
    whole.append(group);
  }
  return new Blob([new XMLSerializer().serializeToString(whole)], { type: "image/svg+xml" });
}

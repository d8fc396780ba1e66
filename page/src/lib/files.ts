/** Pictures and tables as files of the reader's own. */

/** Offer a file to be saved. */
export function save(file: Blob, name: string): void {
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  // Some browsers read the file only after the click has been dealt with.
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** Return a text that is fit to name a file. */
export function fileName(text: string): string {
  return (
    text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "") || "glassnet"
  );
}

export type Cell = string | number | null;

const quoted = (cell: Cell): string => {
  const text = cell === null ? "" : String(cell);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Return a table as CSV: every number in full, whatever the page rounds it to. */
export function csvOf(header: string[], rows: Cell[][]): string {
  return [header, ...rows].map((row) => row.map(quoted).join(",") + "\r\n").join("");
}

/** Offer a table as a file. */
export const saveTable = (name: string, header: string[], rows: Cell[][]): void =>
  save(new Blob([csvOf(header, rows)], { type: "text/csv" }), `${fileName(name)}.csv`);

/** Return small pictures side by side, in so many columns and so many times as large, as one PNG. */
export async function pngFile(pictures: HTMLCanvasElement[], columns: number, times: number): Promise<Blob> {
  const width = times * Math.max(...pictures.map((picture) => picture.width));
  const height = times * Math.max(...pictures.map((picture) => picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = width * Math.min(columns, pictures.length);
  canvas.height = height * Math.ceil(pictures.length / columns);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser does not draw on canvases");
  context.imageSmoothingEnabled = false;
  pictures.forEach((picture, i) => {
    context.drawImage(picture, width * (i % columns), height * Math.floor(i / columns), width, height);
  });
  return new Promise((done, fail) =>
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("the picture could not be made")))),
  );
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
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  paper.setAttribute("width", "100%");
  paper.setAttribute("height", "100%");
  paper.setAttribute("fill", getComputedStyle(document.body).backgroundColor);
  whole.append(paper);
  for (const sheet of sheets) {
    const group = document.createElementNS("http://www.w3.org/2000/svg", "g");
    group.append(...styled(sheet).childNodes);
    whole.append(group);
  }
  return new Blob([new XMLSerializer().serializeToString(whole)], { type: "image/svg+xml" });
}

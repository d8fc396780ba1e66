/** What is drawn on: strokes, an example put there, and the way back. */
import type { Example, Picture } from "../lib/api";
import { base64Of, bytesOf } from "../lib/bytes";
import { CANVAS_PX, fitted, halved, inkOf, SENT_PX } from "../lib/ink";
import { painted, type Colour } from "./rgba";

/** What undo goes back to. */
interface Sheet {
  ink: Uint8Array<ArrayBuffer>;
  example: Example | null;
  normalise: boolean;
}

const MOST_SHEETS = 60;
/** Up to this size a picture's pixels are shown as squares. */
const PIXELATED_PX = 64;
const blank = () => new Uint8Array(CANVAS_PX * CANVAS_PX);

export class Paper {
  /** What lies on it untouched, if anything: its own bytes are what is sent. */
  example = $state.raw<Example | null>(null);
  normalise = $state(true);
  /** Counts the changes; the picture itself is made only when it is asked for. */
  changed = $state(0);
  pen = $state(22);
  isErasing = $state(false);
  /** The example that the page opened with: the first stroke takes it away. */
  isOpening = $state(false);
  /** Counts what was finished, so that it can be kept. */
  finished = $state(0);
  /** When the pointer first moved since a picture was last asked about; 0 if it did not. */
  strokeAt = 0;

  #sheets: Sheet[] = $state.raw([]);
  #context: CanvasRenderingContext2D | null = null;
  #colour: Colour = [0, 0, 0];
  #last: [number, number] | null = null;
  /** What the one who draws wants, whatever an example wants. */
  #prefersNormalise = true;

  get canUndo(): boolean {
    return this.#sheets.length > 0;
  }

  /** Take hold of the canvas. */
  hold(canvas: HTMLCanvasElement): void {
    // In memory, since it is read back at every move.
    this.#context = canvas.getContext("2d", { willReadFrequently: true });
  }

  /** Draw in another colour from now on, and what is there too. */
  recolour(colour: Colour): void {
    this.#colour = colour;
    this.#paint(this.#ink());
  }

  press(x: number, y: number): void {
    this.#remember();
    if (this.isOpening) this.#paint(blank());
    this.#leaveExample();
    this.#last = [x, y];
    this.drawThrough([[x, y]]);
  }

  /** Go on with the stroke through some places. */
  drawThrough(places: [number, number][]): void {
    const context = this.#context;
    if (!context || !this.#last) return;
    context.globalCompositeOperation = this.isErasing ? "destination-out" : "source-over";
    context.strokeStyle = `rgb(${this.#colour.join(" ")})`;
    context.lineWidth = this.isErasing ? 1.6 * this.pen : this.pen;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(...this.#last);
    for (const place of places) context.lineTo(...place);
    context.stroke();
    context.globalCompositeOperation = "source-over";
    this.#last = places.at(-1) ?? this.#last;
    this.#tell();
  }

  lift(): void {
    if (this.#last) this.finished += 1;
    this.#last = null;
  }

  clear(): void {
    this.#remember();
    this.#leaveExample();
    this.normalise = this.#prefersNormalise;
    this.#paint(blank());
    this.#done();
  }

  put(example: Example, isOpening = false): void {
    if (!isOpening) this.#remember();
    this.#lay(example);
    this.isOpening = isOpening;
    this.normalise = example.normalise;
    this.#done();
  }

  setNormalise(on: boolean): void {
    this.#prefersNormalise = this.normalise = on;
    this.#done();
  }

  undo(): void {
    const sheet = this.#sheets.at(-1);
    if (!sheet) return;
    this.#sheets = this.#sheets.slice(0, -1);
    this.#restore(sheet);
  }

  /** Return what is on the paper as a text, to be taken up again after a reload. */
  kept(): string {
    return JSON.stringify({ ink: base64Of(this.#ink()), example: this.example, normalise: this.normalise });
  }

  /** Take up what was kept; false if it is not such a text. */
  takeUp(kept: string): boolean {
    try {
      const sheet = JSON.parse(kept) as { ink: string; example: Example | null; normalise: boolean };
      this.#restore({ ...sheet, ink: bytesOf(sheet.ink) });
      return true;
    } catch {
      return false;
    }
  }

  /** Return the drawing as a file: black ink on white paper, whatever the theme. */
  async png(): Promise<Blob> {
    const sheet = new OffscreenCanvas(CANVAS_PX, CANVAS_PX);
    const context = sheet.getContext("2d");
    context?.putImageData(new ImageData(painted(this.#ink(), [0, 0, 0]), CANVAS_PX, CANVAS_PX), 0, 0);
    if (context) {
      context.globalCompositeOperation = "destination-over";
      context.fillStyle = "white";
      context.fillRect(0, 0, CANVAS_PX, CANVAS_PX);
    }
    return sheet.convertToBlob();
  }

  #ink(): Uint8Array<ArrayBuffer> {
    return this.#context ? inkOf(this.#context.getImageData(0, 0, CANVAS_PX, CANVAS_PX).data) : blank();
  }

  #remember(): void {
    const sheet = { ink: this.#ink(), example: this.example, normalise: this.normalise };
    this.#sheets = [...this.#sheets.slice(1 - MOST_SHEETS), sheet];
  }

  #restore({ ink, example, normalise }: Sheet): void {
    this.#paint(ink);
    this.example = example;
    this.isOpening = false;
    this.normalise = normalise;
    this.#done();
  }

  #leaveExample(): void {
    if (this.isOpening) this.normalise = this.#prefersNormalise;
    this.example = null;
    this.isOpening = false;
  }

  #paint(ink: Uint8Array<ArrayBuffer>): void {
    this.#context?.putImageData(new ImageData(painted(ink, this.#colour), CANVAS_PX, CANVAS_PX), 0, 0);
  }

  #lay(example: Example): void {
    this.example = example;
    const context = this.#context;
    if (!context) return;
    const { width, height } = example;
    const small = new OffscreenCanvas(width, height);
    small
      .getContext("2d")
      ?.putImageData(new ImageData(painted(bytesOf(example.ink), this.#colour), width, height), 0, 0);
    context.clearRect(0, 0, CANVAS_PX, CANVAS_PX);
    context.imageSmoothingEnabled = Math.max(width, height) > PIXELATED_PX;
    context.drawImage(small, ...fitted(width, height, CANVAS_PX));
  }

  #done(): void {
    this.#tell();
    this.finished += 1;
  }

  #tell(): void {
    this.changed += 1;
  }

  /** Return what is to be sent, and when the pointer first moved since the last time. */
  picture(): { picture: Picture; strokeAt: number } {
    const { normalise, example, strokeAt } = this;
    this.strokeAt = 0;
    const picture = example
      ? { width: example.width, height: example.height, ink: example.ink, normalise }
      : { width: SENT_PX, height: SENT_PX, ink: base64Of(halved(this.#ink(), CANVAS_PX)), normalise };
    return { picture, strokeAt };
  }
}

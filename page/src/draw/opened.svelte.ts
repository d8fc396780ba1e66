/** An image that was opened: one digit, or a page of them. */
import { pictureOf, readPage, type Example, type ReadPage } from "../lib/api";

export class Opened {
  page: ReadPage | null = $state.raw(null);
  /** Where the browser has the page's image. */
  address = $state("");

  /** Take an image; return it as a drawing, or null if it is a page of several marks, which then lies open. */
  async read(file: Blob): Promise<Example | null> {
    this.close();
    const page = await readPage(file);
    const nMarks = page.lines.reduce((n, line) => n + line.marks.length, 0);
    if (nMarks < 2) return pictureOf(file);
    this.address = URL.createObjectURL(file);
    this.page = page;
    return null;
  }

  close(): void {
    if (this.address) URL.revokeObjectURL(this.address);
    this.address = "";
    this.page = null;
  }
}

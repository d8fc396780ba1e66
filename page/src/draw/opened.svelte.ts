/** An image that was opened: one digit, or a page of them, of a file that may have several. */
import { pictureOf, readPage, type Example, type ReadPage } from "../lib/api";

export class Opened {
  page: ReadPage | null = $state.raw(null);
  /** Where the browser has the page's image. */
  address = $state("");
  file: Blob | null = null;

  /** Take an image; return it as a drawing, or null if it is a page of several marks, which then lies open. */
  async read(file: Blob): Promise<Example | null> {
    this.close();
    const page = await readPage(file);
    const nMarks = page.lines.reduce((n, line) => n + line.marks.length, 0);
    if (nMarks < 2 && !page.has_more) return pictureOf(file);
    this.file = file;
    this.show(page);
    return null;
  }

  /** Show another page of the file. */
  async turn(number: number): Promise<void> {
    const file = this.file;
    if (!file) return;
    const page = await readPage(file, number);
    if (this.file === file) this.show(page);
  }

  close(): void {
    this.forget();
    this.file = null;
    this.page = null;
  }

  private show(page: ReadPage): void {
    this.forget();
    this.address = page.picture
      ? `data:image/jpeg;base64,${page.picture}`
      : this.file
        ? URL.createObjectURL(this.file)
        : "";
    this.page = page;
  }

  private forget(): void {
    if (this.address.startsWith("blob:")) URL.revokeObjectURL(this.address);
    this.address = "";
  }
}

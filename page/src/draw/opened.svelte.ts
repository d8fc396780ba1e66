/** An image that was opened: one digit, or a page of them, of a file that may have several. */
import { pictureOf, readPage, type Example, type ReadPage } from "../lib/api";
import { asked, type Part } from "./parts";

export class Opened {
  page: ReadPage | null = $state.raw(null);
  /** Where the browser has the page's image. */
  address = $state("");
  /** Where on it to look; everywhere, if there are none. */
  parts: Part[] = $state.raw([]);
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
    await this.look(number, this.parts);
  }

  /** Look in these parts of the page; they stay as they were if one of them cannot be. */
  async lookIn(parts: Part[]): Promise<void> {
    await this.look(this.page?.number ?? 1, parts);
  }

  private async look(number: number, parts: Part[]): Promise<void> {
    const file = this.file;
    if (!file) return;
    const page = await readPage(file, number, asked(parts));
    if (this.file !== file) return;
    this.parts = parts;
    this.show(page);
  }

  close(): void {
    this.forget();
    this.file = null;
    this.page = null;
    this.parts = [];
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

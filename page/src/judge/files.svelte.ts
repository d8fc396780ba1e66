/** A folder of the reader's own, judged file by file; the server keeps nothing of it. */
import { Refused, sentenceOf } from "../lib/api";
import { changes } from "../lib/changes.svelte";
import { judgeFile, type FileJudged } from "./api";
import type { Side } from "./judged.svelte";

export const MOST_FILES = 5_000;
const TOO_MANY = 429;
const PAUSE_MS = 500;

interface Unreadable {
  name: string;
  why: string;
}

export class Folder {
  n = $state(0);
  done: { name: string; told: FileJudged }[] = $state.raw([]);
  unreadable: Unreadable[] = $state.raw([]);
  isRunning = $state(false);
  problem = $state("");
  #abort = new AbortController();

  get nDone(): number {
    return this.done.length + this.unreadable.length;
  }

  stop(): void {
    this.#abort.abort();
    this.isRunning = false;
  }

  /** Judge files one after the other; what cannot be read is named and does not end it. */
  async judge(files: File[], sides: Side[]): Promise<void> {
    this.stop();
    const abort = (this.#abort = new AbortController());
    const some = files.slice(0, MOST_FILES);
    const [one, other] = [sides[0], sides[1] ?? sides[0]].map((side) => changes.chosen(side?.network ?? "videos"));
    if (!one || !other) return;
    [this.n, this.done, this.unreadable, this.isRunning] = [some.length, [], [], true];
    this.problem = files.length > MOST_FILES ? `Of ${files.length} files the first ${MOST_FILES} are taken.` : "";
    for (const file of some) {
      if (abort.signal.aborted) return;
      await this.#one(file, () => judgeFile(file, one, other, abort.signal), abort.signal);
    }
    if (!abort.signal.aborted) this.isRunning = false;
  }

  async #one(file: File, ask: () => Promise<FileJudged>, signal: AbortSignal): Promise<void> {
    const name = file.webkitRelativePath || file.name;
    for (;;) {
      try {
        const told = await ask();
        if (!signal.aborted) this.done = [...this.done, { name, told }];
        return;
      } catch (error) {
        if (signal.aborted) return;
        const status = error instanceof Refused ? error.status : 0; // 0 where there was no answer
        if (status === TOO_MANY) {
          await new Promise((go) => setTimeout(go, PAUSE_MS));
          if (signal.aborted) return;
          continue;
        }
        if (status === 0) {
          this.problem = sentenceOf(error);
          this.stop();
          return;
        }
        this.unreadable = [...this.unreadable, { name, why: sentenceOf(error) }];
        return;
      }
    }
  }
}

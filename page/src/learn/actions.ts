/** What a run can be told to do, and by which key. */
import type { RunAction, RunTold } from "../lib/api";

/** Where a run stands: as it says itself, but one that was stopped before its last epoch can go on. */
export type Standing = RunTold["state"] | "stopped";

/** Return where a run stands. */
export function standingOf(run: Pick<RunTold, "state" | "epoch" | "settings">): Standing {
  return run.state === "finished" && run.epoch < run.settings.epochs ? "stopped" : run.state;
}

const POSSIBLE: Record<Standing, RunAction[]> = {
  ready: ["start", "example", "mini_batch", "epoch"],
  running: ["pause", "stop"],
  paused: ["start", "example", "mini_batch", "epoch", "stop", "again"],
  stopped: ["start", "example", "mini_batch", "epoch", "again"],
  finished: ["again"],
  failed: ["again"],
};

/** Return whether a run in that state can be told to do this. */
export const isPossible = (state: Standing, action: RunAction): boolean => POSSIBLE[state].includes(action);

/** Return what the main button does: whatever leads on from here. */
export function mainAction(state: Standing): RunAction {
  if (state === "running") return "pause";
  return isPossible(state, "start") ? "start" : "again";
}

/** Return what the main button says. */
export function mainWord(state: Standing): string {
  return { ready: "Start", running: "Pause", paused: "Go on", stopped: "Go on", finished: "Again", failed: "Again" }[
    state
  ];
}

export const KEYS: { key: string; action: RunAction | "main"; word: string }[] = [
  { key: "s", action: "main", word: "start, pause, go on" },
  { key: "1", action: "example", word: "one example" },
  { key: "2", action: "mini_batch", word: "one mini-batch" },
  { key: "3", action: "epoch", word: "one epoch" },
  { key: "x", action: "stop", word: "stop" },
];

/** Return what a key tells a run in that state to do, or null; no key begins again, since that forgets what was learned. */
export function actionOfKey(key: string, state: Standing): RunAction | null {
  const found = KEYS.find((one) => one.key === key.toLowerCase());
  if (!found) return null;
  const action = found.action === "main" ? mainAction(state) : found.action;
  return action !== "again" && isPossible(state, action) ? action : null;
}

/** Return whether a key pressed there is meant for what stands there, such as a letter for a field. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "range"].includes(target.type);
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName);
}

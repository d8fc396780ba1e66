import { expect, test } from "vitest";
import { actionOfKey, isPossible, isTyping, mainAction, standingOf } from "./actions";
import { VIDEOS } from "./settings";

test("one key starts, pauses and goes on, and none begins again", () => {
  const states = ["ready", "running", "paused", "stopped", "finished", "failed"] as const;
  expect(states.map((state) => actionOfKey("S", state))).toEqual(["start", "pause", "start", "start", null, null]);
  for (const state of states) expect(isPossible(state, mainAction(state))).toBe(true);
});

test("a key does nothing where its action is not possible", () => {
  expect(actionOfKey("2", "running")).toBeNull();
  expect(actionOfKey("2", "paused")).toBe("mini_batch");
  expect(actionOfKey("q", "paused")).toBeNull();
});

test("letters typed into a field are not for the run", () => {
  const field = document.createElement("input");
  const slider = document.createElement("input");
  slider.type = "range";
  expect(isTyping(field)).toBe(true);
  expect(isTyping(slider)).toBe(false);
  expect(isTyping(document.createElement("button"))).toBe(false);
  expect(isTyping(null)).toBe(false);
});

test("a run that was stopped early can go on, one that is through cannot", () => {
  expect(standingOf({ state: "finished", epoch: 12.5, settings: VIDEOS })).toBe("stopped");
  expect(standingOf({ state: "finished", epoch: 30, settings: VIDEOS })).toBe("finished");
  expect(standingOf({ state: "paused", epoch: 3, settings: VIDEOS })).toBe("paused");
});

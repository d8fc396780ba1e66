import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import NewRun from "./NewRun.svelte";
import { VIDEOS } from "./settings";

afterEach(cleanup);

test("start without a change begins the videos' network", async () => {
  const onstart = vi.fn();
  render(NewRun, { onstart });
  await fireEvent.click(screen.getByRole("button", { name: "Start a new run" }));
  expect(onstart).toHaveBeenCalledWith(VIDEOS);
});

test("layers that are none are refused with a sentence, and start waits", async () => {
  const onstart = vi.fn();
  render(NewRun, { onstart });
  await fireEvent.input(screen.getByLabelText("Hidden layers"), { target: { value: "16, many" } });
  expect(screen.getByText(/“many” is not a number of neurons/)).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Start a new run" }).disabled).toBe(true);
});

test("a preset can be taken and undone", async () => {
  const onstart = vi.fn();
  render(NewRun, { onstart });
  await fireEvent.click(screen.getByRole("button", { name: /no hidden layer/ }));
  expect(screen.getByRole("button", { name: /no hidden layer/ }).getAttribute("aria-pressed")).toBe("true");
  await fireEvent.click(screen.getByRole("button", { name: "Undo" }));
  await fireEvent.click(screen.getByRole("button", { name: "Start a new run" }));
  expect(onstart).toHaveBeenCalledWith(VIDEOS);
});

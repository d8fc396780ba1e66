import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, test, vi } from "vitest";
import { VIDEOS } from "./settings";
import Stuck from "./Stuck.svelte";

afterEach(cleanup);

const trouble = {
  kind: "too-high",
  title: "The steps are too long",
  evidence: "The cost is 2.1; it was 0.9 already.",
  advice: "Take shorter steps.",
  remedies: [{ title: "a learning rate of 0.1", change: { ...VIDEOS, learning_rate: 0.1 } }],
};

test("a run at rest lays open what was measured, and a remedy is one click", async () => {
  const onremedy = vi.fn();
  const { container } = render(Stuck, { troubles: [trouble], isResting: true, onremedy });
  expect(container.querySelector("details")?.open).toBe(true);
  expect(screen.getByText(/The cost is 2.1; it was 0.9 already/)).toBeTruthy();
  await fireEvent.click(screen.getByRole("button", { name: "Try a learning rate of 0.1" }));
  expect(onremedy).toHaveBeenCalledWith({ ...VIDEOS, learning_rate: 0.1 }, "a learning rate of 0.1");
});

test("while it runs one line says it, and without troubles it says so", () => {
  const running = render(Stuck, { troubles: [trouble], isResting: false, onremedy: vi.fn() });
  expect(running.container.querySelector("details")?.open).toBe(false);
  expect(running.container.querySelector("summary")?.textContent).toContain("The steps are too long");
  running.unmount();
  const well = render(Stuck, { troubles: [], isResting: true, onremedy: vi.fn() });
  expect(well.container.querySelector("summary")?.textContent).toContain("Nothing that was measured");
});

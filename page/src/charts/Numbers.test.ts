import { cleanup, render } from "@testing-library/svelte";
import { tick } from "svelte";
import { afterEach, expect, test, vi } from "vitest";
import Numbers from "./Numbers.svelte";

afterEach(cleanup);

test("the numbers are asked for only when the table is opened, and shown with their digits", async () => {
  const rows = vi.fn(() => [
    [0, null],
    [8, 0.123456],
  ]);
  const show = [String, (value: number) => value.toFixed(3)];
  const { container } = render(Numbers, { name: "Cost", header: ["steps", "cost"], rows, show });
  expect(rows).not.toHaveBeenCalled();
  const details = container.querySelector("details") as HTMLDetailsElement;
  details.open = true;
  details.dispatchEvent(new Event("toggle"));
  await tick();
  expect([...container.querySelectorAll("td")].map((cell) => cell.textContent)).toEqual(["0", "–", "8", "0.123"]);
});

test("of a long table some rows are shown, the first and the last among them", async () => {
  const rows = () => Array.from({ length: 500 }, (_, i) => [i]);
  const { container } = render(Numbers, { name: "Steps", header: ["steps"], rows, show: [String] });
  const details = container.querySelector("details") as HTMLDetailsElement;
  details.open = true;
  details.dispatchEvent(new Event("toggle"));
  await tick();
  const cells = [...container.querySelectorAll("td")].map((cell) => cell.textContent);
  expect([cells.length, cells[0], cells.at(-1)]).toEqual([40, "0", "499"]);
  expect(container.textContent).toContain("40 of 500 rows");
});

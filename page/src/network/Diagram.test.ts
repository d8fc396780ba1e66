import { cleanup, fireEvent, render, screen } from "@testing-library/svelte";
import { afterEach, expect, it, vi } from "vitest";
import type { Seen } from "../lib/api";
import Diagram from "./Diagram.svelte";

afterEach(cleanup);

const SEEN: Seen = {
  network: "videos",
  layers: [
    { size: 784, shown: [0, 783], z: [], activations: [0, 1], biases: [] },
    { size: 2, shown: [0, 1], z: [1.5, -2], activations: [0.82, 0.12], biases: [0, 0] },
    { size: 1, shown: [0], z: [0.1], activations: [0.52], biases: [0] },
  ],
  edges: [
    {
      weights: [
        [0.5, -1],
        [0, 0.25],
      ],
      products: [
        [0, -1],
        [0, 0.25],
      ],
    },
    { weights: [[2, -2]], products: [[1.64, -0.24]] },
  ],
  outputs: [0.52],
  answer: { digit: 0, confidence: null, reason: null, largest: 0 },
  rejects: false,
};

it("names every neuron with its activation, and the whole in words", () => {
  render(Diagram, { seen: SEEN, chosenNeuron: "1.1", onchoose: vi.fn(), edgesBy: "weight" });
  const names = screen.getAllByRole("button").map((button) => button.getAttribute("aria-label"));
  expect(names).toEqual([
    "hidden layer 1, neuron 0, activation 0.82",
    "hidden layer 1, neuron 1, activation 0.12",
    "output 0, activation 0.52",
  ]);
  expect(screen.getByRole("group").getAttribute("aria-label")).toContain("784 inputs, 2 hidden 1, 1 outputs");
});

it("draws an edge for each number, dashed where it is below zero", async () => {
  const { container, rerender } = render(Diagram, {
    seen: SEEN,
    chosenNeuron: "",
    onchoose: vi.fn(),
    edgesBy: "weight",
  });
  const sides = () => [...container.querySelectorAll(".edges line")].map((line) => line.classList.contains("below"));
  expect(sides()).toEqual([false, true, false, false, false, true]);
  const widest = () => container.querySelector(".edges line")?.getAttribute("stroke-opacity");
  const before = widest();
  await rerender({ edgesBy: "product" });
  expect([before, widest()]).toEqual(["0.41", "0.00"]);
});

it("is walked with the arrow keys and chosen from with enter", async () => {
  const onchoose = vi.fn();
  render(Diagram, { seen: SEEN, chosenNeuron: "", onchoose, edgesBy: "weight" });
  const [first, second] = screen.getAllByRole("button");
  if (!first || !second) throw new Error("no neurons");
  first.focus();
  await fireEvent.keyDown(first, { key: "ArrowDown" });
  expect(document.activeElement).toBe(second);
  await fireEvent.keyDown(second, { key: "Enter" });
  expect(onchoose).toHaveBeenCalledWith(1, 1);
});

import { expect, test } from "vitest";
import { formatPlace, misunderstood, parsePlace } from "./address";

test("what is as at the start is left out", () => {
  expect(formatPlace(parsePlace(""))).toBe("#/draw");
  expect(parsePlace("#/nowhere").view).toBe("draw");
});

test("a place is found again by its address", () => {
  const place = {
    ...parsePlace(""),
    view: "nudge" as const,
    network: "run:0a1b2c3d@600",
    example: "test.8",
    wanted: "none",
    weight: "w1.3.400",
    run: "0a1b2c3d",
  };
  expect(formatPlace(place)).toBe(
    "#/nudge?network=run:0a1b2c3d@600&example=test.8&wanted=none&weight=w1.3.400&run=0a1b2c3d",
  );
  expect(parsePlace(formatPlace(place))).toEqual(place);
});

test("what nobody can know the meaning of is told, and left out", () => {
  expect(misunderstood("#/draw?network=run:0a1b2c3d@5&example=test.3")).toEqual([]);
  expect(misunderstood("#/nowhere?network=__proto__&neuron=1.2")).toEqual(["nowhere", "network=__proto__"]);
  expect(parsePlace("#/nudge?network=nonsense").network).toBe("videos");
});

test("what is unknown in an address is let be", () => {
  expect(parsePlace("#/draw?colour=red&run=x")).toEqual({ ...parsePlace("#/draw"), run: "x" });
});

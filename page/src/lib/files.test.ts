import { expect, test } from "vitest";
import { csvOf, fileName } from "./files";

test("a table keeps its numbers in full and quotes what needs it", () => {
  expect(
    csvOf(
      ["step", 'the "cost"'],
      [
        [1, 0.1234567890123],
        [2, null],
        ["a,b", -1e-9],
      ],
    ),
  ).toBe('step,"the ""cost"""\r\n1,0.1234567890123\r\n2,\r\n"a,b",-1e-9\r\n');
});

test("a run's name becomes the name of a file", () => {
  expect(fileName("The videos' network, 16 × 16")).toBe("the-videos-network-16-16");
  expect(fileName("…")).toBe("glassnet");
});

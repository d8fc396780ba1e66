import { expect, it } from "vitest";
import { csvOf } from "./files";

it("writes a table, quoting what needs it", () => {
  expect(
    csvOf([
      ["source", "weight"],
      ["pixel 1, 2", -0.5],
      ['a "b"', 1],
    ]),
  ).toBe('source,weight\n"pixel 1, 2",-0.5\n"a ""b""",1\n');
});

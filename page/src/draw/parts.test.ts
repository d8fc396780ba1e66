/** Parts of a page: what is asked, what a form's file says, what is saved of corrections. */
import { describe, expect, it } from "vitest";
import type { ReadPage } from "../lib/api";
import { asked, between, correctedCsv, formOf, freeName, nameFor, type Part } from "./parts";

const page = { width: 800, height: 400, is_sheet: false, lines: [] } as unknown as ReadPage;
const parts: Part[] = [
  { name: "part 1", box: [80, 40, 160, 20] },
  { name: "total", box: [0, 0, 10, 10] },
];

describe("a part", () => {
  it("is asked for in pixels, by its name", () => {
    expect(asked(parts)).toEqual(["part 1=80,40,160,20", "total=0,0,10,10"]);
  });

  it("lies between two corners, whichever way it was drawn, and within the page", () => {
    expect(between([0.1, 0.1], [0.3, 0.15], page)).toEqual([80, 40, 160, 20]);
    expect(between([0.3, 0.15], [0.1, 0.1], page)).toEqual([80, 40, 160, 20]);
    expect(between([-0.5, 0.5], [0.5, 1.5], page)).toEqual([0, 200, 400, 200]);
    expect(between([0.1, 0.1], [0.102, 0.3], page)).toBeNull();
    expect(between([0.1, 0.1], [0.3, 0.105], page)).toBeNull();
  });

  it("has a name that no other has", () => {
    expect(freeName(parts)).toBe("part 3");
    expect(freeName([...parts, { name: "part 3", box: [0, 0, 1, 1] }])).toBe("part 4");
    expect(nameFor(" sum = all ", parts)).toBe("sum   all");
    expect(nameFor("total", parts)).toBe("part 3");
    expect(nameFor("  ", parts)).toBe("part 3");
  });
});

describe("a form's file", () => {
  it("is in per cent of the page", () => {
    expect(JSON.parse(formOf(parts, page))).toEqual({
      regions: [
        { name: "part 1", box: [10, 10, 20, 5], unit: "%" },
        { name: "total", box: [0, 0, 1.25, 2.5], unit: "%" },
      ],
    });
  });

  it("is in pixels where per cent would be of a sheet in the photo", () => {
    expect(JSON.parse(formOf(parts, { ...page, is_sheet: true }))).toEqual({
      regions: parts.map((part) => ({ ...part, unit: "px" })),
    });
  });
});

it("corrections are saved beside what was read", () => {
  const lines = [
    { text: "1?3", region: "", marks: [] },
    { text: '4"5', region: "total, all", marks: [] },
  ];
  const csv = 'region,line,read,corrected\n"",1,"1?3","123"\n"total, all",2,"4""5","4""5"\n';
  expect(correctedCsv({ ...page, lines }, ["123"])).toBe(csv);
});

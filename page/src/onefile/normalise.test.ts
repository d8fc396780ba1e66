import { expect, test } from "vitest";
import { inkIn, placed, rounded } from "./normalise";
import { hasTooLittle, oddityOf } from "./oddity";
import { resized } from "./resize";

function bar(side: number, left: number, top: number, width: number, height: number) {
  const values = new Float64Array(side * side);
  for (let y = top; y < top + height; y++) values.fill(1, y * side + left, y * side + left + width);
  return { width: side, height: side, values };
}

test("halves are rounded to the even one", () => {
  expect([0.5, 1.5, 2.5, -0.5, 2.4, 2.6].map(rounded)).toEqual([0, 2, 2, 0, 2, 3]);
});

test("a picture is made smaller as Pillow makes it", () => {
  // Image.fromarray(np.array([[0, 1, 4, 9], [16, 25, 36, 49]], np.float32)).resize((2, 1), BICUBIC)
  const grid = { width: 4, height: 2, values: Float64Array.of(0, 1, 4, 9, 16, 25, 36, 49) };
  const found = resized(grid, 2, 1);
  [10.950413703918457, 23.735538482666016].forEach((value, i) => expect(found.values[i]).toBeCloseTo(value, 5));
});

test("a bar off the centre is scaled to 20 pixels and moved to the middle", () => {
  const image = placed(bar(140, 5, 10, 20, 100));
  const inked = [...image.keys()].filter((i) => (image[i] ?? 0) > 0);
  const [rows, columns] = [inked.map((i) => Math.floor(i / 28)), inked.map((i) => i % 28)];
  // rows 0 to 19 have their centre at 9.5: 14 - 9.5 is rounded to the even 4
  expect([Math.min(...rows), Math.max(...rows)]).toEqual([4, 23]);
  // columns 0 to 3, centre 1.5: 12.5 is rounded to 12
  expect([Math.min(...columns), Math.max(...columns)]).toEqual([12, 15]);
  expect(Math.max(...image)).toBe(255);
});

test("what is too faint is paper, and a lonely pixel too", () => {
  const shades = bar(60, 20, 20, 20, 20);
  expect(inkIn({ ...shades, values: shades.values.map((value) => 20 * value) })).toBeNull();
  const inked = inkIn({ ...shades, values: shades.values.map((value, i) => (i === 5 * 60 + 5 ? 255 : 200 * value)) });
  expect(inked?.values[20 * 60 + 20]).toBe(1);
  expect(inked?.values[5 * 60 + 5]).toBe(0);
});

test("odd drawings are said to be so", () => {
  expect(oddityOf(bar(60, 20, 20, 20, 20))).toBeNull();
  expect(oddityOf(bar(60, 0, 20, 20, 20))).toBe("cut off at the edge");
  const two = bar(60, 10, 10, 10, 10);
  bar(60, 40, 40, 10, 10).values.forEach((value, i) => {
    two.values[i] = Math.max(two.values[i] ?? 0, value);
  });
  expect(oddityOf(two)).toBe("more than one mark");
  expect(hasTooLittle(bar(60, 20, 20, 3, 3))).toBe(true);
  expect(hasTooLittle(bar(60, 20, 20, 4, 4))).toBe(false);
});

import { expect, it } from "vitest";
import { base64Of } from "./bytes";
import { formatInk, parseInk } from "./inked";

const IMAGE = base64Of(Uint8Array.from({ length: 784 }, (_, i) => (i % 28 > 10 && i % 28 < 14 ? (i * 7) % 256 : 0)));

it("finds a drawing again in its address", async () => {
  const said = await formatInk(IMAGE);
  expect(said).toMatch(/^ink\.[\w-]{20,400}$/);
  expect(await parseInk(said)).toBe(IMAGE);
});

it("takes nothing else for a drawing", async () => {
  for (const text of ["", "test.8", "ink.", "ink.%%%", "ink.AAAA", `ink.${"A".repeat(3000)}`])
    expect(await parseInk(text)).toBe(null);
});

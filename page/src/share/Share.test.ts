import { cleanup, render, screen } from "@testing-library/svelte";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { changes } from "../lib/changes.svelte";
import { base64Of } from "../lib/bytes";
import { parsePlace } from "../lib/address";
import { parseInk } from "../lib/inked";
import { go } from "../lib/place.svelte";
import { kept } from "../lib/subject.svelte";
import { linkTo, missingIn } from "./link";
import Share from "./Share.svelte";

const image = base64Of(Uint8Array.from({ length: 784 }, (_, i) => i % 256));
const asked: { path: string; body: unknown }[] = [];
const copied: string[] = [];

beforeEach(() => {
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    asked.push({ path, body: JSON.parse(String(init.body)) });
    if (path === "api/see") return Promise.resolve(Response.json({ steps: { image } }));
    const headers = { "content-disposition": 'attachment; filename="the-reader.html"' };
    return Promise.resolve(
      path === "api/share/page"
        ? new Response("x".repeat(1234), { headers })
        : Response.json({ detail: "that is too much." }, { status: 400 }),
    );
  });
  vi.stubGlobal("navigator", { clipboard: { writeText: (text: string) => Promise.resolve(copied.push(text)) } });
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  asked.length = copied.length = 0;
  sessionStorage.clear();
  changes.reset("reader");
});

const press = (name: string) => screen.getByText(name).click();

test("a drawing that only this tab keeps goes with the link", async () => {
  const ink = base64Of(new Uint8Array(280 * 280).fill(9));
  kept.text = JSON.stringify({ ink, example: null, normalise: true });
  const link = await linkTo(parsePlace("#/nudge?network=reader"));
  const place = parsePlace(link.slice(link.indexOf("#")));
  expect(place.network).toBe("reader");
  expect(await parseInk(place.example)).toBe(image);
  const named = await linkTo(parsePlace("#/draw?example=test.8"));
  expect(named).toMatch(/#\/draw\?example=test\.8$/);
});

test("a link says what it leaves out", () => {
  expect(missingIn(parsePlace("#/draw"), 0)).toBe("");
  expect(missingIn(parsePlace("#/draw?beside=run:abcdefgh"), 0)).toContain("runs belong to this browser");
  expect(missingIn(parsePlace("#/learn?run=abcdefgh"), 2)).toContain("changed by hand");
});

test("the link is copied, and that is said", async () => {
  go({ view: "draw", example: "test.8" });
  render(Share);
  press("Link to this view");
  await screen.findByText("The link is copied.");
  expect(copied).toHaveLength(1);
  expect(copied[0]).toContain("#/draw?example=test.8");
});

test("a file is asked for with what was changed by hand, and its size is told", async () => {
  vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:x", revokeObjectURL: () => undefined }));
  go({ network: "reader" });
  const change = { layer: 1, neuron: 2, source: null, value: 0.5 };
  changes.set("reader", change, false);
  render(Share);
  press("This network as one HTML file");
  await screen.findByText("Saved as the-reader.html: 1,234 bytes.");
  expect(asked.at(-1)).toEqual({ path: "api/share/page", body: { network: "reader", changes: [change] } });
  press("This network as a model file");
  await screen.findByText("that is too much.");
});

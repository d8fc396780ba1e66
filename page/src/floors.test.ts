/** The page's floors, held. `npx vitest run src/floors.test.ts --reporter=verbose` shows what imports what. */
import { expect, it } from "vitest";

/** From the top: a folder may import what lies on floors below its own, and knows no neighbour. */
const FLOORS = [
  ["the page"], // the files of src/ itself
  ["tour"], // leads through the views, and asks what they ask
  ["draw", "learn", "descend", "nudge", "judge", "share", "onefile"],
  ["frame"], // parts that all views have
  ["charts", "network", "paint"], // pictures: of numbers, of a network, of what is drawn
  ["lib"], // what all share: the server, the address, the session; numbers, words, files
];

const sources = import.meta.glob<string>(["./**/*.{ts,svelte}", "!./**/*.test.ts"], {
  query: "?raw",
  import: "default",
  eager: true,
});
const folderOf = (path: string) => /^\.\/(.+?)\//.exec(path)?.[1] ?? "the page";

/** Return for each folder those that its files import: parts, types, style sheets, and what is fetched later. */
function arrowsIn(files: Record<string, string>): Map<string, Set<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const [path, text] of Object.entries(files)) {
    const imported = arrows.get(folderOf(path)) ?? new Set();
    for (const [, to = ""] of text.matchAll(/\b(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
      const other = folderOf(`./${new URL(to, `file:///${path}`).pathname.slice(1)}`);
      if (other !== folderOf(path)) imported.add(other);
    }
    arrows.set(folderOf(path), imported);
  }
  return arrows;
}

/** Return folders that import each other in a circle, the first of them again at the end; null where there are none. */
function circleIn(arrows: Map<string, Set<string>>): string[] | null {
  const known = new Set<string>();
  function from(folder: string, way: string[]): string[] | null {
    if (way.includes(folder)) return [...way.slice(way.indexOf(folder)), folder];
    if (known.has(folder)) return null;
    known.add(folder);
    for (const other of arrows.get(folder) ?? []) {
      const circle = from(other, [...way, folder]);
      if (circle) return circle;
    }
    return null;
  }
  for (const folder of arrows.keys()) {
    const circle = from(folder, []);
    if (circle) return circle;
  }
  return null;
}

const arrows = arrowsIn(sources);

it("finds imports of every form, and names a circle", () => {
  const found = arrowsIn({
    "./a/one.ts": 'import type { Two } from "../b/deep/two";\nimport { three } from "./three";',
    "./b/deep/two.svelte": '<script>\n  import {\n    one,\n  } from "../../c/one";\n</script>',
    "./c/one.ts": 'const later = () => import("../a/one");\nimport "../d/look.css";',
    "./main.ts": 'export { one } from "./a/one";',
  });
  expect(Object.fromEntries([...found].map(([folder, others]) => [folder, [...others]]))).toEqual({
    a: ["b"],
    b: ["c"],
    c: ["a", "d"],
    "the page": ["a"],
  });
  expect(circleIn(found)).toEqual(["a", "b", "c", "a"]);
});

it("goes round nowhere", () => {
  expect(circleIn(arrows)?.join(" -> ") ?? "").toBe("");
});

for (const [floor, folders] of FLOORS.entries())
  for (const folder of folders) {
    const imported = [...(arrows.get(folder) ?? [])].sort();
    it(`${folder} imports ${imported.join(", ") || "nothing"}`, () => {
      const below = FLOORS.slice(floor + 1).flat();
      expect(imported.filter((other) => !below.includes(other))).toEqual([]);
    });
  }

it("has a floor for every folder", () => {
  expect([...arrows.keys()].sort()).toEqual(FLOORS.flat().sort());
});

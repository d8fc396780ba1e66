/** Outlines of contours as the path of an SVG. */

type Ring = number[][];

/** Return the path of many polygons, their corners moved to where they lie in the picture. */
export function geoPathOf(polygons: Ring[][], toX: (x: number) => number, toY: (y: number) => number): string {
  return polygons
    .flatMap((polygon) =>
      polygon.map((ring) => `M${ring.map(([x = 0, y = 0]) => `${toX(x).toFixed(1)} ${toY(y).toFixed(1)}`).join("L")}Z`),
    )
    .join("");
}

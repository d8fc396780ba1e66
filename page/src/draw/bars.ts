/** Bars above and below a line, as two paths: a thousand of them cost no more than one. */

export interface BarPaths {
  above: string;
  below: string;
}

/** Return the outlines of bars in a box so wide and high, its middle zero, the largest number's bar filling a half. */
export function barPaths(values: number[], largest: number, width: number, height: number): BarPaths {
  const step = width / Math.max(1, values.length);
  const bar = Math.max(0.6, step * 0.72);
  const paths: BarPaths = { above: "", below: "" };
  values.forEach((value, i) => {
    const left = (i + 0.5) * step - bar / 2;
    const reach = (-value / (largest || 1)) * (height / 2 - 1);
    paths[value < 0 ? "below" : "above"] +=
      `M${left.toFixed(2)} ${height / 2}h${bar.toFixed(2)}v${reach.toFixed(2)}h${(-bar).toFixed(2)}z`;
  });
  return paths;
}

/** Return which bar lies at a place between 0 and 1. */
export const barAt = (share: number, n: number): number => Math.max(0, Math.min(n - 1, Math.floor(share * n)));

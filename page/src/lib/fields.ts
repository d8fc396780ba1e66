/** Return which of so many things a number field names; what is beyond them is the nearest of them. */
export const indexIn = ({ valueAsNumber }: HTMLInputElement, n: number): number =>
  Math.max(0, Math.min(n - 1, Math.trunc(valueAsNumber) || 0));

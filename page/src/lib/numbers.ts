/** How numbers are shown: always the same digits, a true minus sign. */

/** Return a number with so many digits after the point. */
export function shown(value: number, digits = 2): string {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size >= 1e5) return value.toExponential(digits).replace("-", "−").replace("e+", "e");
  const text = value.toFixed(digits);
  return (Number(text) === 0 ? text.replace("-", "") : text).replace("-", "−");
}

/** Return a number as `shown` does, a plus sign before what is above zero; what rounds to zero has no sign. */
export function signed(value: number, digits = 2): string {
  const text = shown(value, digits);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** Return a share from 0 to 1 in percent. */
export const percent = (share: number, digits = 1): string => `${shown(100 * share, digits)} %`;

/** Return a whole number with its thousands apart. */
export const whole = (value: number): string => value.toLocaleString("en-US");

/** Return how many digits after the point show five significant ones, but none beyond the tenth. */
export function fineDigits(value: number): number {
  const size = Math.abs(value);
  return size > 0 && Number.isFinite(size) ? Math.max(3, Math.min(10, 4 - Math.floor(Math.log10(size)))) : 3;
}

/** Return a way to show numbers: with so many digits after the point. */
export const inDigits =
  (digits: number) =>
  (value: number): string =>
    shown(value, digits);

/** Return a way to show shares: in percent, with so many digits after the point. */
export const inPercent =
  (digits: number) =>
  (share: number): string =>
    percent(share, digits);

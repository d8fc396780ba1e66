/** The speed slider: from one mini-batch a second to flat out, each step of it the same factor. */

export const FLAT_OUT = 60;
const FASTEST = 1000;

/** Return the mini-batches a second at a position of the slider; 0 is as fast as it goes. */
export function speedAt(position: number): number {
  if (position >= FLAT_OUT) return 0;
  const speed = FASTEST ** (Math.max(0, position) / (FLAT_OUT - 1));
  return speed < 10 ? Math.round(speed * 10) / 10 : Math.round(speed);
}

/** Return the slider's position for so many mini-batches a second. */
export function positionOf(speed: number): number {
  if (speed <= 0) return FLAT_OUT;
  const position = (Math.log(speed) / Math.log(FASTEST)) * (FLAT_OUT - 1);
  return Math.min(Math.max(Math.round(position), 0), FLAT_OUT - 1);
}

/** Return a speed in words. */
export function speedInWords(speed: number): string {
  if (speed <= 0) return "flat out";
  return speed === 1 ? "one mini-batch a second" : `${speed} mini-batches a second`;
}

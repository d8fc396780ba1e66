/** Ink as bytes: 0 is paper, 255 is ink. */

/** The pixels a side of what a network is shown, and of the box in it that a digit fills. */
export const SIDE_PX = 28;
export const BOX_PX = 20;
/** The drawing's own pixels a side, whatever its size on the screen. */
export const CANVAS_PX = 280;
/** Of what is sent: small enough to be there within a frame, five times finer than what the network sees. */
export const SENT_PX = 140;

/** Return the ink of an RGBA picture: its opacity. */
export function inkOf(rgba: Uint8ClampedArray): Uint8Array<ArrayBuffer> {
  const ink = new Uint8Array(rgba.length / 4);
  for (let i = 0; i < ink.length; i++) ink[i] = rgba[4 * i + 3] ?? 0;
  return ink;
}

/** Return a square picture half as large, each pixel the mean of four. */
export function halved(ink: Uint8Array, side: number): Uint8Array<ArrayBuffer> {
  const half = side / 2;
  const small = new Uint8Array(half * half);
  for (let y = 0; y < half; y++)
    for (let x = 0; x < half; x++) {
      const at = 2 * y * side + 2 * x;
      const sum = (ink[at] ?? 0) + (ink[at + 1] ?? 0) + (ink[at + side] ?? 0) + (ink[at + side + 1] ?? 0);
      small[y * half + x] = Math.round(sum / 4);
    }
  return small;
}

/** Return numbers as lines of so many, under one another. */
export function inRows(numbers: number[], side: number): string {
  const rows: string[] = [];
  for (let at = 0; at < numbers.length; at += side)
    rows.push(
      numbers
        .slice(at, at + side)
        .map((number) => String(number).padStart(3))
        .join(" "),
    );
  return rows.join("\n");
}

/** Where a picture lies in a square that it fills one way: left, top, width, height. */
export function fitted(width: number, height: number, side: number): [number, number, number, number] {
  const scale = side / Math.max(width, height);
  const [w, h] = [width * scale, height * scale];
  return [(side - w) / 2, (side - h) / 2, w, h];
}

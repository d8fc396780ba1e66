/** Bytes as pixels in the colours of the theme. */

import type { Colour } from "./rgba";

export interface Palette {
  above: Colour;
  below: Colour;
  ink: Colour;
  paper: Colour;
}

/** Return red, green and blue of a colour as the browser computes it, such as "rgb(31, 95, 174)". */
export function parseColour(text: string): Colour {
  const [red = 0, green = 0, blue = 0] = (text.match(/[\d.]+/g) ?? []).map(Number);
  return [red, green, blue];
}

/** Pixels of all 256 bytes, four numbers each: pictures are painted many times a second, their colours mixed once. */
export type Table = Uint8ClampedArray<ArrayBuffer>;

function tableOf(paper: Colour, shade: (byte: number) => readonly [Colour, number]): Table {
  const table = new Uint8ClampedArray(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    const [colour, share] = shade(byte);
    paper.forEach((from, c) => (table[4 * byte + c] = Math.round(from + share * ((colour[c] as number) - from))));
    table[4 * byte + 3] = 255;
  }
  return table;
}

/** Return how much colour a share of the largest weight has: its square root, so that small weights are seen too. */
export const colourShare = (share: number): number => Math.sqrt(Math.abs(share));

/** Return the colours of weights: paper at byte 128, which is 0, to blue at 255 and orange at 1. */
export function tableOfWeights(palette: Palette): Table {
  return tableOf(palette.paper, (byte) => {
    const share = Math.max(-1, (byte - 128) / 127);
    return [share < 0 ? palette.below : palette.above, colourShare(share)];
  });
}

/** Return the colours of a digit: paper at byte 0 to ink at 255. */
export const tableOfInk = (palette: Palette): Table => tableOf(palette.paper, (byte) => [palette.ink, byte / 255]);

/** Return bytes as pixels. */
export function pixelsOf(bytes: Uint8Array, table: Table): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Uint8ClampedArray(4 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const at = 4 * (bytes[i] as number);
    for (let c = 0; c < 4; c++) pixels[4 * i + c] = table[at + c] as number;
  }
  return pixels;
}

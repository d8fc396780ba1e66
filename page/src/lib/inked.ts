/** A drawing in an address: the network's 784 shades, packed small, so that a link shows what was drawn. */
import { base64Of, bytesOf } from "./bytes";
import { SIDE_PX } from "./ink";

const MARK = "ink.";
const LONGEST = 2000;

async function through(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream) {
  const piped = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}

/** Return how an address says an image of 28 x 28 shades in base64. */
export async function formatInk(image: string): Promise<string> {
  const packed = await through(bytesOf(image), new CompressionStream("deflate-raw"));
  return MARK + base64Of(packed).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Return whether an address says an image. */
export const saysInk = (text: string): boolean => text.startsWith(MARK);

/** Return the image that an address says, as shades in base64; null if it says none. */
export async function parseInk(text: string): Promise<string | null> {
  if (!saysInk(text) || text.length > LONGEST) return null;
  try {
    const packed = bytesOf(text.slice(MARK.length).replaceAll("-", "+").replaceAll("_", "/"));
    const image = await through(packed, new DecompressionStream("deflate-raw"));
    return image.length === SIDE_PX ** 2 ? base64Of(image) : null;
  } catch {
    return null;
  }
}

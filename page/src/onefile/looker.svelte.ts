/** What the network makes of what lies on the paper. */
import { base64Of, bytesOf } from "../lib/bytes";
import { SIDE_PX } from "../lib/ink";
import { Paper } from "../paint/paper.svelte";
import { feedforward, type Network } from "./arithmetic";
import { inkIn, placed } from "./normalise";
import { hasTooLittle, oddityOf } from "./oddity";
import { decide, explained, type Verdict } from "./verdict";

export interface Sight {
  /** What the network is shown: 28 x 28 shades. */
  image: Uint8Array<ArrayBuffer>;
  outputs: number[];
  verdict: Verdict;
}

export class Looker {
  readonly paper = new Paper();
  sight: Sight | null = $state.raw(null);
  readonly #network: Network;

  constructor(network: Network) {
    this.#network = network;
  }

  /** Whether it was taught what is no digit. */
  get rejects(): boolean {
    return this.#network.told.calibration !== null;
  }

  /** Return the ten outputs for an image of 28 x 28 shades, 0 being paper and 255 ink. */
  outputs(image: ArrayLike<number>): number[] {
    return [...feedforward(this.#network, image)];
  }

  /** Put an image of 28 x 28 shades on the paper, to be shown to the network as it is. */
  show(image: ArrayLike<number>): void {
    const ink = base64Of(Uint8Array.from(image));
    const about = "an image put here by program";
    this.paper.put({
      kind: "image",
      index: 0,
      label: null,
      width: SIDE_PX,
      height: SIDE_PX,
      ink,
      normalise: false,
      about,
    });
  }

  /** Return the shades on the paper, 140 x 140 of a drawing. */
  get drawn(): number[] {
    return [...bytesOf(this.paper.picture().picture.ink)];
  }

  /** Return the 28 x 28 shades that the network is shown. */
  get image(): number[] {
    return [...(this.sight?.image ?? [])];
  }

  /** Look at the paper. */
  look(): void {
    const { calibration } = this.#network.told;
    const { width, height, ink: bytes } = this.paper.picture().picture;
    const values = bytesOf(bytes);
    const ink = this.paper.example ? null : inkIn({ width, height, values });
    const image = this.paper.example ? values : ink ? placed(ink) : new Uint8Array(SIDE_PX * SIDE_PX);
    const outputs = feedforward(this.#network, image);
    const verdict = explained(decide(outputs, calibration), calibration, {
      isBlank: !image.some((shade) => shade > 0),
      hasTooLittle: ink !== null && hasTooLittle(ink),
      oddity: ink && oddityOf(ink),
    });
    this.sight = { image, outputs: [...outputs], verdict };
  }
}

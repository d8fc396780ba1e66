/** Files that the server makes of a network. */
import { answerOf, asJson, type Chosen } from "../lib/api";

export interface Made {
  file: Blob;
  name: string;
}

/** Return a network, with what was changed by hand, as a page of its own or as a model file. */
export async function made(kind: "page" | "model", chosen: Chosen): Promise<Made> {
  const response = await answerOf(`api/share/${kind}`, asJson("POST", chosen));
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  return { file: await response.blob(), name: name ?? `network.${kind === "page" ? "html" : "safetensors"}` };
}

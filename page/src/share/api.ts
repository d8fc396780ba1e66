/** Files that the server makes of a network. */
import { Refused, type Chosen } from "../lib/api";

export interface Made {
  file: Blob;
  name: string;
}

/** Return a network, with what was changed by hand, as a page of its own or as a model file. */
export async function made(kind: "page" | "model", chosen: Chosen): Promise<Made> {
  const response = await fetch(`api/share/${kind}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(chosen),
  }).catch(() => {
    throw new Refused(0, "the server cannot be reached; is glassnet studio still running?");
  });
  if (!response.ok) {
    const told = (await response.json().catch(() => null)) as { detail?: unknown } | null;
    throw new Refused(response.status, typeof told?.detail === "string" ? told.detail : response.statusText);
  }
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  return { file: await response.blob(), name: name ?? `network.${kind === "page" ? "html" : "safetensors"}` };
}

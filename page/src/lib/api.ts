/** What the server is asked, with the types of its own schema. */
import type { components } from "./schema";

export type Schemas = components["schemas"];
export type Chosen = Schemas["Chosen"];
export type Change = Schemas["Change"];
export type Picture = Schemas["Picture"];
export type SeenByAll = Schemas["SeenByAll"];
export type Seen = Schemas["Seen"];
export type Layer = Schemas["Layer"];
export type Edges = Schemas["Edges"];
export type Answer = Schemas["Answer"];
export type Steps = Schemas["Steps"];
export type NeuronDetail = Schemas["NeuronDetail"];
export type Likes = Schemas["Likes"];
export type Example = Schemas["Example"];
export type ReadPage = Schemas["ReadPage"];
export type NetworkTold = Schemas["NetworkTold"];
export type Welcome = Schemas["Welcome"];
export type RunSettings = Schemas["RunSettings"];
export type RunChange = Schemas["RunChange"];
export type RunAction = Schemas["RunAction"]["action"];
export type RunTold = Schemas["RunTold"];
export type RunNews = Schemas["RunNews"];
export type LayerHealth = Schemas["LayerHealth"];
export type Moment = Schemas["Moment"];
export type Trouble = Schemas["Trouble"];
export type WeightPictures = Schemas["WeightPictures"];
export type Checked = Schemas["Checked"];
export type ExampleKind = "test" | "noise" | "scribble" | "letter" | "shifted";

/** A refusal: one sentence of the server's, or that it cannot be reached. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    sentence: string,
  ) {
    super(sentence);
  }
}

/** Return what was thrown as a sentence. */
export const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Return the server's answer; what it refuses is thrown, as one sentence. */
export async function answerOf(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refused(0, "the server cannot be reached; is glassnet studio still running?");
  }
  if (response.ok) return response;
  const told = (await response.json().catch(() => null)) as { detail?: unknown } | null;
  throw new Refused(response.status, typeof told?.detail === "string" ? told.detail : response.statusText);
}

/** Ask the server for something. */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await answerOf(path, init);
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

/** Return what is sent as JSON. */
export const asJson = (method: string, body: unknown, signal?: AbortSignal): RequestInit => ({
  method,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
  signal: signal ?? null,
});

/** Send the server something. */
export const send = <T>(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<T> =>
  ask<T>(path, asJson(method, body, signal));

/** Return what of these has a value as the end of an address. */
export const inQuery = (values: Record<string, string | number | string[] | undefined>): string => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) query.append(name, String(one));
  const text = query.toString();
  return text ? `?${text}` : "";
};

export const welcome = () => ask<Welcome>("api/welcome");
export const networks = () => ask<NetworkTold[]>("api/networks");
export const see = (picture: Picture, chosen: Chosen[], signal?: AbortSignal) =>
  send<SeenByAll>("POST", "api/see", { picture, networks: chosen }, signal);
export const neuron = (picture: Picture, chosen: Chosen, layer: number, index: number, signal?: AbortSignal) =>
  send<NeuronDetail>("POST", "api/neuron", { picture, chosen, layer, neuron: index }, signal);
export const likes = (chosen: Chosen, layer: number, index: number, signal?: AbortSignal) =>
  send<Likes>("POST", "api/likes", { chosen, layer, neuron: index }, signal);
export const example = (kind: ExampleKind, index?: number) => ask<Example>(`api/examples/${kind}${inQuery({ index })}`);
export const misread = (chosen: Chosen, after: number) =>
  send<Schemas["Misread"]>("POST", "api/nudge/misread", { chosen, after });
export const pictureOf = (file: Blob) => ask<Example>("api/picture", { method: "POST", body: file });
export const readPage = (file: Blob, page = 1, region: string[] = []) =>
  ask<ReadPage>(`api/read${inQuery({ page, region })}`, { method: "POST", body: file });

export const runs = () => ask<RunTold[]>("api/runs");
export const startRun = (settings: Partial<RunSettings>) => send<RunTold>("POST", "api/runs", settings);
export const loadRun = (file: Blob, name: string) =>
  ask<RunTold>(`api/runs/load${inQuery({ name })}`, { method: "POST", body: file });
export const changeRun = (id: string, change: RunChange) => send<RunTold>("PATCH", `api/runs/${id}`, change);
export const tellRun = (id: string, action: RunAction) => send<RunTold>("POST", `api/runs/${id}/do`, { action });
export const dropRun = (id: string) => ask<undefined>(`api/runs/${id}`, { method: "DELETE" });
export const listenTo = (id: string, hear: (news: RunNews) => void, lost: (isLost: boolean) => void) =>
  listen(`api/runs/${id}/events`, hear, lost);
export const newsOf = (id: string) => ask<RunNews>(`api/runs/${id}`);
export const weightsOf = (id: string, layer: number, moment?: number) =>
  ask<WeightPictures>(`api/runs/${id}/weights${inQuery({ layer, moment })}`);
export const checkedBy = (id: string, moment?: number) => ask<Checked>(`api/runs/${id}/checked${inQuery({ moment })}`);
export const healthOf = (id: string, moment?: number) =>
  ask<LayerHealth[]>(`api/runs/${id}/health${inQuery({ moment })}`);
export const modelAddress = (id: string, moment?: number) => `api/runs/${id}/model${inQuery({ moment })}`;

/** Listen to news until the returned function is called; after a break the stream takes itself up again. */
export function listen<T>(path: string, hear: (news: T) => void, lost: (isLost: boolean) => void): () => void {
  const source = new EventSource(path);
  source.onmessage = (message: MessageEvent<string>) => {
    lost(false);
    hear(JSON.parse(message.data) as T);
  };
  source.onerror = () => lost(true);
  return () => source.close();
}

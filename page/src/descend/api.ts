/** What the view of the landscape asks the server. */
import { ask, inQuery, listen, send, type Schemas } from "../lib/api";

export type AskSlice = Schemas["AskSlice"];
export type SliceTold = Schemas["SliceTold"];
export type AskGradient = Schemas["AskGradient"];
export type GradientTold = Schemas["GradientTold"];
export type SlopeTold = Schemas["SlopeTold"];
export type AskNudges = Schemas["AskNudges"];
export type NudgesTold = Schemas["NudgesTold"];
export type NudgeTold = Schemas["NudgeTold"];
export type ParameterTold = Schemas["ParameterTold"];
export type AskSurface = Schemas["AskSurface"];
export type SurfaceTold = Schemas["SurfaceTold"];
export type DescentTold = Schemas["DescentTold"];
export type PlaneTold = Schemas["PlaneTold"];

export const sliceOf = (asked: AskSlice) => send<SliceTold>("POST", "api/descend/slice", asked);
export const gradientOf = (asked: AskGradient) => send<GradientTold>("POST", "api/descend/gradient", asked);
export const nudgesOf = (asked: AskNudges) => send<NudgesTold>("POST", "api/descend/nudge", asked);
export const beginSurface = (asked: AskSurface) => send<SurfaceTold>("POST", "api/descend/surfaces", asked);
export const findSurface = (asked: AskSurface) =>
  send<SurfaceTold | null>("POST", `api/descend/surfaces${inQuery({ only_find: "true" })}`, asked);
export const stopSurface = (id: string) => ask<SurfaceTold>(`api/descend/surfaces/${id}/stop`, { method: "POST" });
export const dropSurface = (id: string) => ask<undefined>(`api/descend/surfaces/${id}`, { method: "DELETE" });

/** Listen to a surface until it has ended, or the returned function is called. */
export function listenTo(id: string, hear: (news: SurfaceTold) => void, lost: (isLost: boolean) => void): () => void {
  const close = listen<SurfaceTold>(
    `api/descend/surfaces/${id}/events`,
    (news) => {
      hear(news);
      if (news.state !== "running") close();
    },
    lost,
  );
  return close;
}

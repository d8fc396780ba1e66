/** What this view asks the server. */
import { ask, inQuery, send, type Change, type Chosen, type Schemas } from "../lib/api";

export type TestJudged = Schemas["TestJudged"];
export type ChoiceTold = Schemas["ChoiceTold"];
export type CellTold = Schemas["CellTold"];
export type OthersJudged = Schemas["OthersJudged"];
export type JudgedPicture = Schemas["JudgedPicture"];
export type FileJudged = Schemas["FileJudged"];
export type DamageJudged = Schemas["DamageJudged"];
export type DamageCurve = Schemas["DamageCurve"];
export type MapTold = Schemas["MapTold"];
export type Kind = Schemas["AskOthers"]["kind"];
export type DamageKind = Schemas["AskDamage"]["kind"];

const post = <T>(path: string, body: unknown, signal: AbortSignal) =>
  send<T>("POST", `api/judge/${path}`, body, signal);

export const judgeTest = (chosen: Chosen, signal: AbortSignal) => post<TestJudged>("test", { chosen }, signal);
export const judgeCell = (chosen: Chosen, label: number, answer: number, signal: AbortSignal) =>
  post<CellTold>("cell", { chosen, label, answer }, signal);
export const judgeOthers = (chosen: Chosen, kind: Kind, signal: AbortSignal) =>
  post<OthersJudged>("others", { chosen, kind }, signal);
export const judgeScores = (chosen: Chosen, confidences: number[], signal: AbortSignal) =>
  post<OthersJudged>("scores", { chosen, confidences }, signal);
export const judgeDamage = (chosen: Chosen, kind: DamageKind, amount: number, signal: AbortSignal) =>
  post<DamageJudged>("damage", { chosen, kind, amount }, signal);
export const damageCurve = (chosen: Chosen, kind: DamageKind, signal: AbortSignal) =>
  post<DamageCurve>("damage/curve", { chosen, kind }, signal);
export const mapOf = (chosen: Chosen, layer: number, signal: AbortSignal) =>
  post<MapTold>("map", { chosen, layer }, signal);

/** Return changes as an address says them: the body is the file. */
export const changesInText = (changes: Change[] = []): string =>
  changes.map((one) => `${one.layer}_${one.neuron}_${one.source ?? "b"}_${one.value}`).join("*");

/** Ask what two networks say of a file. */
export const judgeFile = (file: Blob, one: Chosen, other: Chosen, signal: AbortSignal) =>
  ask<FileJudged>(
    `api/judge/file${inQuery({
      network: one.network,
      beside: other.network,
      changes: changesInText(one.changes) || undefined,
      beside_changes: changesInText(other.changes) || undefined,
    })}`,
    { method: "POST", body: file, signal },
  );

/** What this view asks the server. */
import { send, type Chosen, type Picture, type RunTold, type Schemas } from "../lib/api";
import type { ParameterPlace } from "../lib/parameters";

export type WishesTold = Schemas["WishesTold"];
export type OutputsTold = Schemas["OutputsTold"];
export type WishTableTold = Schemas["WishTable"];
export type AvenuesTold = Schemas["AvenuesTold"];
export type ChainRuleTold = Schemas["ChainRuleTold"];
export type NodeTold = Schemas["NodeTold"];
export type ExamplesTold = Schemas["ExamplesTold"];
export type LessonTold = Schemas["LessonTold"];
export type Changed = Schemas["Changed"];

/** An example before a network, and what its outputs should be; null is no digit. */
export interface Lesson {
  picture: Picture;
  chosen: Chosen;
  wanted: number | null;
}

/** How an example is learned. */
export interface Steps {
  learning_rate: number;
  n_steps: number;
  /** How many training digits are learned with it; 0 is none. */
  n_beside: number;
}

const inFull = ({ learning_rate, n_steps, n_beside }: Steps) => ({
  learning_rate,
  n_steps,
  beside: n_beside ? { n: n_beside, seed: 0 } : null,
});

export const wishes = (lesson: Lesson) => send<WishesTold>("POST", "api/nudge/wishes", lesson);
export const avenues = (lesson: Lesson, layer: number, neuron: number) =>
  send<AvenuesTold>("POST", "api/nudge/avenues", { ...lesson, layer, neuron });
export const chain = (
  lesson: Lesson,
  parameter: ParameterPlace | null,
  how: { learning_rate?: number; within?: number } = {},
) => send<ChainRuleTold>("POST", "api/nudge/chain", { ...lesson, parameter, ...how });
export const paths = (lesson: Lesson, layer: number, neuron: number) =>
  send<NodeTold>("POST", "api/nudge/paths", { ...lesson, layer, neuron });
export const examples = (chosen: Chosen, n: number, seed: number, by: string, parameters: ParameterPlace[]) =>
  send<ExamplesTold>("POST", "api/nudge/examples", { chosen, sample: { n, seed }, by, parameters, k: 8 });
export const lessonOf = (lesson: Lesson, steps: Steps) =>
  send<LessonTold>("POST", "api/nudge/lesson", { ...lesson, ...inFull(steps) });
export const keepLesson = (lesson: Lesson, steps: Steps, name: string) =>
  send<RunTold>("POST", "api/nudge/keep", { ...lesson, ...inFull(steps), name });

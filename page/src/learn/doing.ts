/** What the buttons of this view do to runs. */
import {
  runs,
  changeRun,
  dropRun,
  loadRun,
  startRun,
  tellRun,
  type RunAction,
  type RunChange,
  type RunSettings,
} from "../lib/api";
import { go, place } from "../lib/place.svelte";
import { refresh, session, trying } from "../lib/session.svelte";
import { freshName, sizesInWords } from "./settings";

const NO_CHANGE: RunChange = {
  learning_rate: null,
  mini_batch_size: null,
  steps_per_second: null,
  epochs: null,
  name: null,
};

/** Look at a run: its network is then the one in hand in every view. */
export function select(id: string): void {
  go({ run: id, network: id ? `run:${id}` : "videos" });
}

/** Make a run, look at it and let it go at so many steps a second; return whether that was granted. */
export async function begin(settings: RunSettings, speed: number): Promise<boolean> {
  const hasBegun = await trying(async () => {
    const taken = session.runs.map((run) => run.name);
    const run = await startRun({ ...settings, name: freshName(settings.name || sizesInWords(settings.hidden), taken) });
    if (speed > 0) await changeRun(run.id, { ...NO_CHANGE, steps_per_second: speed });
    await refresh();
    select(run.id);
    await tellRun(run.id, "start");
    return true;
  });
  return hasBegun === true;
}

/** Tell a run to do something. */
export async function tell(id: string, action: RunAction): Promise<void> {
  // Whoever goes on from here wants to see where it goes, not where it was.
  if (place.network.startsWith(`run:${id}@`)) go({ network: `run:${id}` }, true);
  await trying(() => tellRun(id, action));
}

/** Change something of a run on its way. */
export async function change(id: string, what: Partial<RunChange>): Promise<void> {
  await trying(() => changeRun(id, { ...NO_CHANGE, ...what }));
}

/** Let a run that is through learn for more epochs. */
export async function goOn(id: string, epochs: number): Promise<void> {
  await trying(async () => {
    await changeRun(id, { ...NO_CHANGE, epochs });
    await tellRun(id, "start");
  });
}

/** Call a run by another name. */
export async function rename(id: string, name: string): Promise<void> {
  await trying(async () => {
    await changeRun(id, { ...NO_CHANGE, name });
    await refresh();
  });
}

/** Throw a run away; if it was looked at, the newest of the others is looked at instead. */
export async function throwAway(id: string): Promise<void> {
  // First look elsewhere, so that nothing asks for what is going.
  if (place.run === id) select(session.runs.findLast((run) => run.id !== id)?.id ?? "");
  await trying(async () => {
    await dropRun(id);
    await refresh();
  });
}

/** Make a run of a model file. */
export async function load(file: File): Promise<void> {
  await trying(async () => {
    const run = await loadRun(file, file.name.replace(/\.[^.]+$/, ""));
    await refresh();
    select(run.id);
  });
}

/** Ask how the runs stand that are not looked at; if that fails, the old list stands, since nobody asked for it. */
export async function lookAtList(): Promise<void> {
  const list = await runs().catch(() => null);
  if (list) session.runs = list;
}

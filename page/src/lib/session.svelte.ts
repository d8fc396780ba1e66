/** What the whole page shares: the networks and runs there are, and what went wrong last. */
import { misunderstood } from "./address";
import { networks, runs, sentenceOf, welcome, type NetworkTold, type RunTold, type Welcome } from "./api";
import { go, place } from "./place.svelte";

interface Session {
  welcome: Welcome | null;
  networks: NetworkTold[];
  runs: RunTold[];
  /** What was refused last. */
  problem: string;
  /** What of the address cannot be shown. */
  notice: string;
}

export const session: Session = $state({ welcome: null, networks: [], runs: [], problem: "", notice: "" });

/** Return what is told of a network, at whatever moment of its run; undefined of one that is not there. */
export const toldOf = (network: string): NetworkTold | undefined =>
  session.networks.find((told) => told.network === network.split("@")[0]);

/** Ask the server what there is. */
export async function begin(): Promise<void> {
  await trying(async () => {
    const fragment = location.hash;
    const told = await welcome();
    session.welcome = told;
    session.networks = told.networks;
    session.runs = told.runs;
    mind(fragment);
  });
}

/** Say what of an address cannot be shown, unless another one has come meanwhile: the list may be older than that. */
function mind(fragment: string): void {
  if (location.hash === fragment) session.notice = odd(fragment);
}

/** Return a sentence about what of an address cannot be shown here, and go where it can; "" if all can. */
function odd(fragment: string): string {
  const parts = misunderstood(fragment);
  const gone = (["network", "beside"] as const).filter((which) => !toldOf(place[which]));
  for (const which of gone) go({ [which]: which === "network" ? "videos" : "reader", neuron: "", weight: "" }, true);
  if (parts.length) return `This link has a part that is not understood: ${parts.join(", ")}.`;
  if (gone.length)
    return "This link names a network of another browser or another day; here is one that everybody has.";
  return "";
}

// A link that was put into this tab's address may name what this page has not heard of.
window.addEventListener("hashchange", () => {
  const fragment = location.hash;
  void refresh().then(() => mind(fragment));
});

/** Ask again, after a run was made, ended or thrown away. */
export async function refresh(): Promise<void> {
  await trying(async () => {
    [session.networks, session.runs] = await Promise.all([networks(), runs()]);
  });
}

/** Do something; if it is refused, show the sentence that says why. */
export async function trying<T>(what: () => Promise<T>): Promise<T | undefined> {
  try {
    const result = await what();
    session.problem = "";
    return result;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return undefined;
    session.problem = sentenceOf(error);
    return undefined;
  }
}

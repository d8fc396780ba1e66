/** What the whole page shares: the networks and runs there are, and what went wrong last. */
import { networks, runs, welcome, type NetworkTold, type RunTold, type Welcome } from "./api";

interface Session {
  welcome: Welcome | null;
  networks: NetworkTold[];
  runs: RunTold[];
  problem: string;
}

export const session: Session = $state({ welcome: null, networks: [], runs: [], problem: "" });

/** Ask the server what there is. */
export async function begin(): Promise<void> {
  await trying(async () => {
    const told = await welcome();
    session.welcome = told;
    session.networks = told.networks;
    session.runs = told.runs;
  });
}

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
    session.problem = error instanceof Error ? error.message : String(error);
    return undefined;
  }
}

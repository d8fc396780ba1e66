/** A page with a network in it: no server, nothing fetched, nothing sent. */
import "../frame/theme.css";
import "./onefile.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { unpacked, type Told } from "./arithmetic";
import { Looker } from "./looker.svelte";

const textOf = (id: string): string => document.getElementById(id)?.textContent ?? "";

async function begin(target: HTMLElement): Promise<void> {
  if (!("DecompressionStream" in window)) throw new Error("this browser is too old to unpack the network");
  const network = await unpacked(JSON.parse(textOf("network")) as Told, textOf("numbers"));
  const looker = new Looker(network);
  window.glassnet = looker;
  target.replaceChildren();
  mount(App, { target, props: { looker } });
}

declare global {
  interface Window {
    /** The page's own arithmetic, for whoever wants to ask it by program: outputs(image), show(image), drawn, image. */
    glassnet?: Looker;
  }
}

const target = document.getElementById("drawing");
if (target)
  begin(target).catch((error: unknown) => {
    target.textContent = `The network in this file cannot be shown: ${error instanceof Error ? error.message : String(error)}.`;
  });

/** How far the guided way was gone in this browser. */

const KEPT = "stop";

class KeptStop {
  id = $state(localStorage.getItem(KEPT) ?? "");

  keep(id: string): void {
    this.id = id;
    localStorage.setItem(KEPT, id);
  }
}

export const keptStop = new KeptStop();

import { afterEach, describe, expect, it, vi } from "vitest";
import { Player } from "./player.svelte";

describe("steps that are played", () => {
  const playing = (last: number, isStill = false) => {
    vi.useFakeTimers();
    vi.spyOn(globalThis, "matchMedia").mockReturnValue({ matches: isStill } as MediaQueryList);
    let player: Player | undefined;
    const end = $effect.root(() => {
      player = new Player(() => last, 100);
    });
    return { player: player as Player, end };
  };
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it("go on one at a time from where one is, stop at the last, and begin again after it", () => {
    const { player, end } = playing(3);
    expect(player.step).toBe(3);
    player.toggle();
    const seen = [player.step];
    for (let k = 0; k < 4; k++) {
      vi.advanceTimersByTime(100);
      seen.push(player.step);
    }
    expect([seen, player.isPlaying]).toEqual([[0, 1, 2, 3, 3], false]);
    player.to(1);
    player.toggle();
    vi.advanceTimersByTime(100);
    expect(player.step).toBe(2);
    player.toggle();
    vi.advanceTimersByTime(500);
    expect([player.step, player.isPlaying]).toEqual([2, false]);
    player.to(-5);
    expect(player.step).toBe(0);
    player.to(99);
    expect(player.step).toBe(3);
    end();
  });

  it("are shown at their end at once to whoever wants no motion", () => {
    const { player, end } = playing(3, true);
    player.to(1);
    player.toggle();
    expect([player.step, player.isPlaying]).toEqual([3, false]);
    end();
  });
});

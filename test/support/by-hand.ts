/** Moves messages one at a time, so that a test can draw the arrows of the RFC and lose any of them. */
import type { Branch } from "./branch.ts";
import type { Datagram } from "./link.ts";
import type { VirtualHub } from "./virtual-hub/virtual-hub.ts";
import type { World } from "./world.ts";

export interface ByHand {
  /** Delivers the oldest datagram under way to the hub (or the one at `index`). */
  toHub(index?: number): Datagram;
  /** Delivers the oldest datagram under way to the branch (or the one at `index`). */
  toBranch(index?: number): Datagram;
  loseToHub(index?: number): Datagram;
  loseToBranch(index?: number): Datagram;
  /** How many datagrams are under way to the hub and to the branch. */
  underWay(): readonly [toHub: number, toBranch: number];
}

/** Holds the network's datagrams from now on. `world.settle()` lets go of them. */
export function byHand(world: World, hub: VirtualHub, branch: Branch): ByHand {
  const { link } = world;
  link.hold();
  return {
    toHub: (index) => link.deliver(hub, index),
    toBranch: (index) => link.deliver(branch, index),
    loseToHub: (index) => link.lose(hub, index),
    loseToBranch: (index) => link.lose(branch, index),
    underWay: () => [link.heldFor(hub).length, link.heldFor(branch).length],
  };
}

/** Picks one of `options` possibilities, 0 first. */
export type Choose = (options: number) => number;

/**
 * Runs something once for every combination of choices it makes: a small exhaustive search. Each run must begin anew.
 * @returns how many ways there were.
 */
export function everyWay(run: (choose: Choose) => void): number {
  let path: number[] = [];
  for (let count = 1; ; count++) {
    const trail: { picked: number; readonly options: number }[] = [];
    const choose: Choose = (options) => {
      const picked = path[trail.length] ?? 0;
      trail.push({ picked, options });
      return picked;
    };
    try {
      run(choose);
    } catch (error) {
      const way = trail.map(({ picked }) => picked).join("");
      throw new Error(`way ${way}: ${error instanceof Error ? error.message : error}`, {
        cause: error,
      });
    }
    while (trail.length > 0 && (trail.at(-1)?.picked ?? 0) + 1 >= (trail.at(-1)?.options ?? 0)) {
      trail.pop();
    }
    const last = trail.at(-1);
    if (!last) return count;
    last.picked++;
    path = trail.map(({ picked }) => picked);
  }
}

/**
 * Delivers or loses what is under way in the order that `choose` says, oldest first in each direction, until nothing
 * is. At most `losses` datagrams are lost and `steps` handled; the rest is left under way.
 */
export function deliverAnyWay(
  hands: ByHand,
  choose: Choose,
  { losses, steps }: { readonly losses: number; readonly steps: number },
): void {
  let lossesLeft = losses;
  for (let step = 0; step < steps; step++) {
    const [toHub, toBranch] = hands.underWay();
    const moves: (() => void)[] = [];
    if (toHub > 0) moves.push(() => hands.toHub());
    if (toBranch > 0) moves.push(() => hands.toBranch());
    const deliveries = moves.length;
    if (lossesLeft > 0 && toHub > 0) moves.push(() => hands.loseToHub());
    if (lossesLeft > 0 && toBranch > 0) moves.push(() => hands.loseToBranch());
    if (moves.length === 0) return;
    const picked = moves.length === 1 ? 0 : choose(moves.length);
    if (picked >= deliveries) lossesLeft--;
    moves[picked]?.();
  }
}

/** What can befall a region, and what comes of it: played by the unit lane with hundreds of branches, by the bench with all. */
import { type Duration, minutes, seconds } from "#lib/duration.ts";
import { Crowd, type CrowdOptions } from "./crowd.ts";
import { type Rate, rateOf } from "./rate.ts";

export interface Calamity {
  /** For tables. */
  readonly name: string;
  readonly crowd: Omit<CrowdOptions, "seed" | "branches">;
  /** Hub1 dies for good; or hub1 is dead from the start; or both die and return together after this long. */
  readonly what: "hub1 dies" | "hub1 is dead" | { readonly bothAwayFor: Duration };
}

export const calamities = {
  /** The worst for phases: every branch came up in the same instant, and only DPD makes packets. */
  idle: { name: "all booted at once, LANs idle", crowd: {}, what: "hub1 dies" },
  /** Traffic counts as life: the last sign of it was the same instant for all. */
  busy: { name: "all booted at once, LANs busy", crowd: { isBusy: true }, what: "hub1 dies" },
  onDemand: {
    name: "booted over a minute, LANs busy, DPD on demand",
    crowd: { isBusy: true, bootsOver: minutes(1), profile: { dpd: { mode: "on-demand" } } },
    what: "hub1 dies",
  },
  /** No session to lose: the end of the retransmissions of IKE_SA_INIT decides. */
  powerReturns: {
    name: "all boot at once while hub1 is dead",
    crowd: {},
    what: "hub1 is dead",
  },
  /** Every branch is between rounds of attempts, or within one. */
  bothAway: {
    name: "both hubs away for 5 minutes, booted over a minute",
    crowd: { bootsOver: minutes(1) },
    what: { bothAwayFor: minutes(5) },
  },
} as const satisfies Record<string, Calamity>;

export interface Aftermath {
  readonly crowd: Crowd;
  /** Handshakes that the surviving hub began; of the busier one when both survive. */
  readonly handshakes: Rate;
  readonly instants: readonly number[];
  /** The calamity's end: the hub is dead, or both are back. */
  readonly began: number;
  /** Branches with a session in the end. */
  readonly up: number;
  /** Most datagrams of hub1 in a tenth of a second, of the last half minute before the calamity. */
  readonly busiestTenthBefore: number;
}

/** @param onProgress hears again and again what is going on. */
export function suffer(
  { crowd: options, what }: Calamity,
  extent: { readonly seed: number; readonly branches: number },
  onProgress: (phase: string, crowd: Crowd) => void = () => {},
): Aftermath {
  const crowd = new Crowd({ ...options, ...extent });
  const say = (phase: string) => () => onProgress(phase, crowd);
  const [hub1, hub2] = crowd.hubs;
  if (what === "hub1 is dead") crowd.kill(hub1);
  else comeUp(crowd, extent.branches, say("coming up"));
  const busiestTenthBefore = busiestTenth(crowd);
  if (what === "hub1 dies") crowd.kill(hub1);
  if (typeof what === "object") {
    for (const hub of crowd.hubs) crowd.kill(hub);
    crowd.runFor(what.bothAwayFor, say("both hubs away"));
    for (const hub of crowd.hubs) crowd.revive(hub);
    for (const hub of crowd.hubs) crowd.handshakes.delete(hub.address);
  }
  const began = crowd.clock.now;
  const survivors = typeof what === "object" ? [hub1, hub2] : [hub2];
  const begun = () => survivors.map(({ address }) => crowd.handshakes.get(address) ?? []);
  const isOver = () => crowd.up === extent.branches && begun().flat().length >= extent.branches;
  crowd.runUntil(isOver, minutes(10), say("reconnecting"));
  const instants = begun().reduce((most, list) => (list.length > most.length ? list : most));
  return {
    crowd,
    handshakes: rateOf(instants),
    instants,
    began,
    up: crowd.up,
    busiestTenthBefore,
  };
}

/** All up for some intervals of DPD, and none of them over just now. */
function comeUp(crowd: Crowd, branches: number, onProgress: () => void): void {
  crowd.runUntil(() => crowd.up === branches, minutes(10), onProgress);
  crowd.runFor(seconds(33.3), onProgress);
}

function busiestTenth(crowd: Crowd): number {
  const from = crowd.clock.now / 100 - 300;
  const tenths = crowd.load.get(crowd.hubs[0].address) ?? new Map<number, number>();
  return Math.max(0, ...[...tenths].filter(([tenth]) => tenth >= from).map(([, count]) => count));
}

/**
 * Which interfaces may be left by: those of the source list that are up, have an address and whose track object agrees.
 * It knows what the machine's interfaces look like, not who told.
 * Source: IOS crypto ikev2 client flexvpn, source SEQ INTERFACE track OBJ; tunnel source dynamic.
 */
import type { ResolvedSource } from "#config/resolved.ts";
import type { InterfaceAddress, IpAddress, IpFamily } from "#lib/ip.ts";
import { ipFamily, splitPrefix } from "#lib/ip.ts";
import { describeTrack, isMet, type TrackStates } from "./track-states.ts";

/** What is known of an interface of the machine; one that is not known does not exist. */
export interface InterfaceFacts {
  readonly isUp: boolean;
  /** All of them but the link-local ones. */
  readonly addresses: readonly InterfaceAddress[];
}
export type Interfaces = ReadonlyMap<string, InterfaceFacts>;

/** A source that can't be used, and why in a few words: `is missing`, `is held back: track wan0-up is down`. */
export interface UnusableSource {
  readonly interface: string;
  readonly why: string;
}

/** The sources of a list, best first, and those in front of the best usable one, which can't be used. */
export interface SourceChoice {
  readonly usable: readonly string[];
  readonly passed: readonly UnusableSource[];
}

/** Chooses by sequence. A source whose track object has no result yet is not usable yet. */
export function selectSources(
  sources: readonly ResolvedSource[],
  interfaces: Interfaces,
  tracks: TrackStates,
): SourceChoice {
  const usable: string[] = [];
  const passed: UnusableSource[] = [];
  for (const source of [...sources].sort((a, b) => a.seq - b.seq)) {
    const why = whyUnusable(source, interfaces, tracks);
    if (why === undefined) usable.push(source.interface);
    else if (usable.length === 0) passed.push({ interface: source.interface, why });
  }
  return { usable, passed };
}

/** Why a source can't be used, in a few words; undefined when it can. */
export function whyUnusable(
  source: ResolvedSource,
  interfaces: Interfaces,
  tracks: TrackStates,
): string | undefined {
  const fault = faultOf(interfaces.get(source.interface));
  if (fault !== undefined || source.track === undefined || isMet(source.track, tracks))
    return fault;
  return `is held back: ${describeTrack(source.track, tracks)}`;
}

/** True when `name` is up and has an address. */
export function isUsable(interfaces: Interfaces, name: string): boolean {
  return faultOf(interfaces.get(name)) === undefined;
}

/** True when an interface that can be used has this address. */
export function hasAddress(facts: InterfaceFacts | undefined, address: IpAddress): boolean {
  if (!facts?.isUp) return false;
  return facts.addresses.some((own) => splitPrefix(own).address === address);
}

/** Address families that can be spoken from a source; undefined when it is not known. */
export function sourceFamilies(
  interfaces: Interfaces,
  name: string | undefined,
): ReadonlySet<IpFamily> | undefined {
  const facts = name === undefined ? undefined : interfaces.get(name);
  return facts && new Set(facts.addresses.map(ipFamily));
}

/** `wan0 is missing, wwan0 is down`. */
export function describeUnusable(sources: readonly UnusableSource[]): string {
  return sources.map((source) => `${source.interface} ${source.why}`).join(", ");
}

function faultOf(facts: InterfaceFacts | undefined): string | undefined {
  if (!facts) return "is missing";
  if (!facts.isUp) return "is down";
  return facts.addresses.length === 0 ? "has no address" : undefined;
}

/**
 * Which interface to leave by: the first of the source list that can be used. It knows what the machine's interfaces
 * look like, not who told.
 * Source: IOS crypto ikev2 client flexvpn, source; tunnel source dynamic.
 */
import type { ResolvedClient } from "#config/resolved.ts";
import type { InterfaceAddress, IpAddress, IpFamily } from "#lib/ip.ts";
import { ipFamily, splitPrefix } from "#lib/ip.ts";

/** What is known of an interface of the machine; one that is not known does not exist. */
export interface InterfaceFacts {
  readonly isUp: boolean;
  /** All of them but the link-local ones. */
  readonly addresses: readonly InterfaceAddress[];
}
export type Interfaces = ReadonlyMap<string, InterfaceFacts>;

/** A source that can't be used, and why in two words: `wan0 is missing`. */
export interface UnusableSource {
  readonly interface: string;
  readonly why: "is missing" | "is down" | "has no address";
}

export type SourceChoice =
  /** The client has no source list: the routing table decides. */
  | { readonly kind: "any" }
  /** `passed` are the better ones that can't be used. */
  | {
      readonly kind: "interface";
      readonly interface: string;
      readonly passed: readonly UnusableSource[];
    }
  | { readonly kind: "none"; readonly passed: readonly UnusableSource[] };

/** Chooses by sequence. */
export function selectSource(
  sources: ResolvedClient["sources"],
  interfaces: Interfaces,
): SourceChoice {
  if (sources.length === 0) return { kind: "any" };
  const passed: UnusableSource[] = [];
  for (const source of [...sources].sort((a, b) => a.seq - b.seq)) {
    const why = faultOf(interfaces.get(source.interface));
    if (why === undefined) return { kind: "interface", interface: source.interface, passed };
    passed.push({ interface: source.interface, why });
  }
  return { kind: "none", passed };
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

function faultOf(facts: InterfaceFacts | undefined): UnusableSource["why"] | undefined {
  if (!facts) return "is missing";
  if (!facts.isUp) return "is down";
  return facts.addresses.length === 0 ? "has no address" : undefined;
}

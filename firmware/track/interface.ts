/**
 * Interfaces as track objects: line protocol and routing. It knows what an interface looks like, not who told.
 * Source: IOS track N interface X line-protocol | ip routing | ipv6 routing.
 */
import type { TrackTest } from "#config/resolved-track.ts";
import { type InterfaceAddress, ipFamily } from "#lib/ip.ts";
import { seen, type Verdict } from "./verdict.ts";

/** What is known of an interface; one that is not known does not exist. */
export interface InterfaceFact {
  readonly isUp: boolean;
  /** All of them but the link-local ones. */
  readonly addresses: readonly InterfaceAddress[];
}

type InterfaceTest = Extract<TrackTest, { kind: "interface" }>;

/**
 * Line protocol: the interface is up. IP routing: it has an address of the family too, which is how IOS covers an address
 * that DHCP or PPP has not given yet. Unconfirmed, see reference/flexvpn-client.md 2.2.
 */
export function judgeInterface(test: InterfaceTest, fact: InterfaceFact | undefined): Verdict {
  const name = test.interface;
  if (!fact) return seen(false, `${name} is missing`);
  if (!fact.isUp) return seen(false, `${name} is down`);
  if (test.check === "line-protocol") return seen(true, `${name} is up`);
  const family = test.check === "ip-routing" ? 4 : 6;
  const own = fact.addresses.find((address) => ipFamily(address) === family);
  return own === undefined
    ? seen(false, `${name} has no IPv${family} address`)
    : seen(true, `${name} has ${own}`);
}

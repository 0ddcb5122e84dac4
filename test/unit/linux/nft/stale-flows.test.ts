import { expect, test } from "vitest";
import type { IpAddress, Prefix } from "#lib/ip.ts";
import type { TrackedFlow } from "#linux/nft/nfnetlink-codec.ts";
import { isStale, type TranslationChange } from "#linux/nft/stale-flows.ts";

const change: TranslationChange = {
  former: new Set(["10.250.1.7" as IpAddress]),
  inside: ["192.168.12.0/24" as Prefix],
  protectedNetworks: ["10.0.0.0/8" as Prefix],
  own: new Set(["192.168.12.1", "198.51.100.2", "10.250.1.8"] as IpAddress[]),
};
const flow = (source: string, destination: string, answersTo: string): TrackedFlow => ({
  source: source as IpAddress,
  destination: destination as IpAddress,
  answersTo: answersTo as IpAddress,
  handle: { family: 2, tuple: new Uint8Array() },
});

test.each([
  ["a flow under the former address", "192.168.12.10", "10.1.0.10", "10.250.1.7", true],
  ["a flow under the new address", "192.168.12.10", "10.1.0.10", "10.250.1.8", false],
  ["a flow to the HQ under an address of nobody", "192.168.12.10", "10.1.0.10", "10.250.1.3", true],
  [
    "a flow that a router's own pool translates",
    "192.168.12.10",
    "203.0.113.9",
    "198.51.100.77",
    false,
  ],
  ["a flow masqueraded by the uplink", "192.168.12.10", "203.0.113.9", "198.51.100.2", false],
  ["an untranslated flow that left the LAN", "192.168.12.10", "10.1.0.10", "192.168.12.10", true],
  ["an untranslated flow within the LAN", "192.168.12.10", "192.168.12.1", "192.168.12.10", false],
  ["a flow of the router itself", "198.51.100.2", "203.0.113.2", "198.51.100.2", false],
  ["a flow from the HQ to the LAN", "10.1.0.10", "192.168.12.10", "10.1.0.10", false],
])(
  "%s from %s to %s, answered at %s, is stale: %s",
  (_what, source, destination, answersTo, claim) => {
    expect(isStale(flow(source, destination, answersTo), change)).toBe(claim);
  },
);

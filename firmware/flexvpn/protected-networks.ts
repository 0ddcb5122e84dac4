/**
 * Which networks are behind the hub, and what the kill switch guards before anybody knows. Pure address arithmetic.
 * Source: flow of INTERNAL_IP4_SUBNET and INTERNAL_IP6_SUBNET, RFC 7296 §3.15.1; private ranges RFC 1918, RFC 6598,
 * RFC 4193.
 */
import type { SessionOutcome } from "#ike/actions.ts";
import { ipFamily, type Prefix } from "#lib/ip.ts";
import { intersectPrefixes, subtractPrefixes, withoutContained } from "#lib/prefix-set.ts";

/** What is private by RFC 1918, RFC 6598 (shared by carriers) and RFC 4193: never sent in clear while nothing is known. */
export const privateRanges = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "fc00::/7",
] as readonly string[] as readonly Prefix[];

/**
 * The networks that a session reaches: the subnets the hub named as far as the remote selectors allow them, or the
 * remote selectors themselves when it named none of that family.
 */
export function networksOf(outcome: SessionOutcome): readonly Prefix[] {
  const families = [4, 6] as const;
  return families.flatMap((family) => {
    const ofFamily = (prefix: Prefix): boolean => ipFamily(prefix) === family;
    const selectors = outcome.remoteSelectors.filter(ofFamily);
    const subnets = outcome.subnets.filter(ofFamily);
    return subnets.length > 0 ? intersectPrefixes(subnets, selectors) : withoutContained(selectors);
  });
}

/** What the kill switch guards before a hub named its networks: every private range but the inside networks. */
export function presumedNetworks(insideNetworks: readonly Prefix[]): readonly Prefix[] {
  return subtractPrefixes(privateRanges, insideNetworks);
}

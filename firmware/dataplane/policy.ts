/**
 * The kernel policies that a client's SAs need: what may enter and leave its xfrm interface, and by which SA. Routes decide
 * what is sent to the interface; a packet that no policy here allows is dropped by it, never sent in clear.
 */
import { type IpAddress, ipFamily, type Prefix, splitPrefix } from "#lib/ip.ts";
import type { SecurityAssociation, SecurityPolicy } from "./desired.ts";

/** A hub may narrow to many ranges; with more pairs than this the policies allow whole families instead. */
const MOST_PAIRS = 256;
/** Room for policies of an administrator in front of ours. */
const PRIORITY_BASE = 100_000;

const anywhere = { 4: "0.0.0.0/0" as Prefix, 6: "::/0" as Prefix } as const;
const anyAddress = { 4: "0.0.0.0" as IpAddress, 6: "::" as IpAddress } as const;

interface Pair {
  readonly local: Prefix;
  readonly remote: Prefix;
}

/**
 * Policies for all SAs of one interface, in the order out, in, forward of their first appearance.
 *
 * Outbound: for each pair of selectors the policy names the SPI of the newest SA that has it, the last in the list, so that
 * a rekey switches at one instant. Inbound and forward: any SA of the interface may have carried the packet, by any outer
 * address, so that old and new SAs both deliver while they overlap and a peer may move; the request id ties them to it.
 * RFC 4301 §5.2: what arrives is checked against the selectors that were negotiated.
 *
 * @param securityAssociations of this interface only, oldest first.
 * @param ifId of the xfrm interface; it is the request id too.
 */
export function policiesFor(
  securityAssociations: readonly SecurityAssociation[],
  ifId: number,
): readonly SecurityPolicy[] {
  const policies = new Map<string, SecurityPolicy>();
  for (const sa of securityAssociations) {
    for (const policy of sa.direction === "out" ? outbound(sa, ifId) : inbound(sa, ifId))
      policies.set(policyKey(policy), policy);
  }
  return [...policies.values()];
}

/** What the kernel takes for the same policy: equal keys replace each other. */
export function policyKey(
  policy: Pick<SecurityPolicy, "direction" | "source" | "destination" | "ifId">,
): string {
  return `${policy.direction} ${policy.source} ${policy.destination} ${policy.ifId}`;
}

function outbound(sa: SecurityAssociation, ifId: number): SecurityPolicy[] {
  return selectorPairs(sa).map(({ local, remote }) => ({
    direction: "out",
    source: local,
    destination: remote,
    priority: priorityOf(local, remote),
    ifId,
    template: {
      source: sa.source.address,
      destination: sa.destination.address,
      mode: sa.mode,
      requestId: ifId,
      spi: sa.spi,
    },
  }));
}

function inbound(sa: SecurityAssociation, ifId: number): SecurityPolicy[] {
  const any = anyAddress[ipFamily(sa.source.address)];
  return selectorPairs(sa).flatMap(({ local, remote }) =>
    (["in", "forward"] as const).map((direction) => ({
      direction,
      source: remote,
      destination: local,
      priority: priorityOf(local, remote),
      ifId,
      template: { source: any, destination: any, mode: sa.mode, requestId: ifId, spi: 0 },
    })),
  );
}

/** Every local with every remote prefix of its family. */
function selectorPairs(sa: SecurityAssociation): readonly Pair[] {
  const { local, remote } = sa.selectors;
  const pairs = local.flatMap((ours) =>
    remote
      .filter((theirs) => ipFamily(ours) === ipFamily(theirs))
      .map((theirs) => ({ local: ours, remote: theirs })),
  );
  if (pairs.length <= MOST_PAIRS) return pairs;
  const families = new Set(pairs.map((pair) => ipFamily(pair.local)));
  return [...families].map((family) => ({ local: anywhere[family], remote: anywhere[family] }));
}

/** Smaller is asked first: the longer the prefixes, the earlier. */
function priorityOf(local: Prefix, remote: Prefix): number {
  return PRIORITY_BASE - splitPrefix(local).length - splitPrefix(remote).length;
}

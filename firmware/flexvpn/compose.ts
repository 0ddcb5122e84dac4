/**
 * Puts what all clients want and the SAs that IKE negotiated together into the one desired state of the kernel. Pure:
 * what a client wants is in its intent, who owns an SA is in its session.
 */
import type { DesiredState, Route, SecurityAssociation } from "#dataplane/desired.ts";
import { type Encapsulation, tcpMss, tunnelMtu } from "#dataplane/mtu.ts";
import { tunnelId } from "#dataplane/ownership.ts";
import { policiesFor } from "#dataplane/policy.ts";
import type { SessionId } from "#ike/inputs.ts";
import { ipFamily, prefixContains } from "#lib/ip.ts";
import type { TunnelIntent } from "./actions.ts";
import { type TunnelPlan, type TunnelSizes, tunnelPlan } from "./tunnel-plan.ts";

/** An SA with the session that negotiated it. */
export interface SessionSa {
  readonly session: SessionId;
  readonly sa: SecurityAssociation;
}

/**
 * The kernel as the clients want it. SAs of a standby are there without policies, so that nothing goes by them; those of
 * other sessions that carry no client's traffic, such as one being closed, are left out.
 *
 * @param held in the order of their installation.
 * @param pathMtu largest outer packet on the way to a client's hub, bytes; usually the MTU of its source interface.
 */
export function compose(
  intents: readonly TunnelIntent[],
  held: readonly SessionSa[],
  pathMtu: (intent: TunnelIntent) => number,
): DesiredState {
  const parts = intents.map((intent) => {
    const of = (wanted: SessionId | undefined) =>
      held.flatMap(({ session, sa }) => (session === wanted ? [sa] : []));
    const carried = of(intent.carrier?.session);
    const ready = intent.standby === undefined ? [] : of(intent.standby);
    const plan = tunnelPlan(intent, tunnelSizes(intent, carried, pathMtu(intent)));
    return { intent, carried, ready, plan };
  });
  const plans = parts.map((part) => part.plan);
  return {
    tunnels: plans.map((plan) => plan.tunnel),
    securityAssociations: parts.flatMap((part) => [...part.ready, ...part.carried]),
    policies: parts.flatMap(({ intent, carried }) =>
      policiesFor(carried, tunnelId(intent.tunnel.number)),
    ),
    routes: uniqueRoutes(plans),
    firewall: {
      nat: plans.flatMap((plan) => plan.firewall.nat),
      killSwitch: plans.flatMap((plan) => plan.firewall.killSwitch),
      mss: plans.flatMap((plan) => plan.firewall.mss),
    },
  };
}

/** Sizes by the SA that carries the client's traffic, or by the largest overhead in common use while there is none. */
export function tunnelSizes(
  intent: TunnelIntent,
  carried: readonly SecurityAssociation[],
  pathMtu: number,
): TunnelSizes {
  const sa = carried.findLast((each) => each.direction === "out");
  const carriesIpv6 = intent.carrier?.outcome.localSelectors.some((each) => ipFamily(each) === 6);
  const computed = tunnelMtu(pathMtu, sa ? encapsulationOf(sa) : assumed, carriesIpv6 ?? false);
  const mtu = intent.tunnel.mtu === "auto" ? computed : intent.tunnel.mtu;
  // Not above what the usual encapsulation leaves: so the firewall's rule rarely changes when a session comes up.
  const mss = tcpMss(Math.min(mtu, tunnelMtu(pathMtu, assumed, false)));
  return { mtu, mssIpv4: mss.ipv4, mssIpv6: mss.ipv6 };
}

/**
 * Two clients with the same hub may want the same host route; one is enough. What a client that is down holds to be
 * unreachable is reachable through the tunnel of another one that leads there.
 */
function uniqueRoutes(plans: readonly TunnelPlan[]): DesiredState["routes"] {
  const routes = plans.flatMap((plan) => plan.routes);
  const tunnels = new Set(plans.map(({ tunnel }) => tunnel.name));
  const leading = routes.filter(({ device }) => device !== undefined && tunnels.has(device));
  const isLed = ({ destination, table }: Route) =>
    leading.some((each) => each.table === table && prefixContains(each.destination, destination));
  const wanted = routes.filter((route) => route.kind === "unicast" || !isLed(route));
  return [...new Map(wanted.map((route) => [JSON.stringify(route), route])).values()];
}

function encapsulationOf(sa: SecurityAssociation): Encapsulation {
  return {
    underlay: ipFamily(sa.source.address),
    udp: sa.udpEncapsulation,
    mode: sa.mode,
    encryption: sa.encryption.id,
    ...(sa.integrity === undefined ? {} : { integrity: sa.integrity.id }),
  };
}

/** AES-GCM with a 16-octet ICV (20) behind NAT: the usual case, so that coming up rarely changes the MTU. */
const assumed: Encapsulation = { underlay: 4, udp: true, mode: "tunnel", encryption: 20 };

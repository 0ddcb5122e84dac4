/**
 * The appliance's own firewall, beside that of the tunnels: what may come in and what may go through. Nothing comes in from
 * a WAN but what belongs to a tunnel. A packet has to please both firewalls.
 */
import type { ResolvedConfig } from "#config/resolved.ts";
import type { ResolvedSystem } from "#config/resolved-system.ts";

/** A service of the appliance that others may ask. */
interface OpenPort {
  readonly protocol: "tcp" | "udp";
  readonly port: number;
}

export interface SystemFirewall {
  readonly wans: readonly string[];
  /** Undefined: there is no LAN. */
  readonly lan: string | undefined;
  readonly tunnels: readonly string[];
  /** Open to the LAN alone. */
  readonly lanPorts: readonly OpenPort[];
  /** Open to the LAN and through tunnels. */
  readonly innerPorts: readonly OpenPort[];
  /** Hosts of the LAN go out by the WANs too. */
  readonly internet: boolean;
}

const tcp = (port: number): OpenPort => ({ protocol: "tcp", port });
const udp = (port: number): OpenPort => ({ protocol: "udp", port });

export function systemFirewall(
  { wan, lan, ssh }: ResolvedSystem,
  {
    tunnels,
    web,
    snmp,
    prometheus,
  }: Pick<ResolvedConfig, "tunnels" | "web" | "snmp" | "prometheus">,
): SystemFirewall {
  return {
    wans: wan.map((each) => each.interface),
    lan: lan?.interface,
    tunnels: Object.values(tunnels).map((tunnel) => tunnel.name),
    lanPorts: [udp(53), tcp(53), udp(67)],
    innerPorts: [
      ...web.listen.map(({ port }) => tcp(port)),
      ...(snmp ? [udp(snmp.listen.port)] : []),
      ...(prometheus ? [tcp(prometheus.listen.port)] : []),
      ...(ssh.isEnabled ? [tcp(22)] : []),
    ],
    internet: lan?.internet ?? false,
  };
}

/**
 * What the appliance should be like, made of its configuration: links, files, services and the firewall. It touches nothing
 * and knows of no process; who performs it compares one plan with the next and changes what differs.
 */
import type { ResolvedConfig } from "#config/resolved.ts";
import type { ResolvedSystem } from "#config/resolved-system.ts";
import { hours } from "#lib/duration.ts";
import type { InterfaceAddress, IpAddress } from "#lib/ip.ts";
import { chrony } from "./chrony.ts";
import { dnsmasq } from "./dnsmasq.ts";
import { dropbear } from "./dropbear.ts";
import { type SystemFirewall, systemFirewall } from "./firewall.ts";
import type { LinkPlan } from "./link-plan.ts";
import type { ServicePlan } from "./service-plan.ts";
import { udhcpc } from "./udhcpc.ts";

export interface SystemPlan {
  readonly hostname: string;
  readonly links: readonly LinkPlan[];
  readonly services: readonly ServicePlan[];
  /** Name servers of links that nobody else tells of, best first. */
  readonly nameServers: readonly {
    readonly interface: string;
    readonly metric: number;
    readonly servers: readonly IpAddress[];
  }[];
  readonly firewall: SystemFirewall;
}

/** The plan of a configuration. */
export function systemPlan(
  system: ResolvedSystem,
  config: Pick<ResolvedConfig, "clients" | "tunnels" | "web" | "snmp" | "prometheus" | "dialers">,
): SystemPlan {
  const { hostname, wan, lan, time, ssh } = system;
  const links = wan.flatMap((each): readonly LinkPlan[] => {
    if (each.device === undefined) return [];
    const { interface: name, device, address, metric } = each;
    if (address.kind !== "static") return [{ interface: name, device }];
    const { gateway } = address;
    return [
      {
        interface: name,
        device,
        address: address.address,
        metric,
        ...(gateway !== undefined && { gateway }),
      },
    ];
  });
  return {
    hostname,
    links: [
      ...links,
      ...ports(config.dialers).map((port) => ({ interface: port, device: port })),
      ...(lan ? [{ interface: lan.interface, ports: lan.devices, address: lan.address }] : []),
    ],
    services: [
      ...wan.flatMap((each) => (each.address.kind === "dhcp" ? [udhcpc(each, hostname)] : [])),
      ...(lan ? [dnsmasq(lan)] : []),
      chrony(time, config.clients[time.via]?.tunnel),
      ...(ssh.isEnabled ? [dropbear(ssh.authorizedKeys)] : []),
    ],
    nameServers: wan.flatMap(({ interface: name, address, metric }) =>
      address.kind === "static" && address.dns.length > 0
        ? [{ interface: name, metric, servers: address.dns }]
        : [],
    ),
    firewall: systemFirewall(system, config),
  };
}

/** Devices that a line runs over: they are set up, and keep their names. */
function ports(dialers: ResolvedConfig["dialers"]): readonly string[] {
  const lines = Object.values(dialers).map(({ line }) => line);
  return lines.flatMap((line) => (line.kind === "pppoe" ? [line.interface] : []));
}

/**
 * What the appliance is like without a `system` section: the first Ethernet device is the WAN, with DHCP; the others are
 * the LAN.
 * @param devices Ethernet devices in the order of the kernel.
 */
export function defaultSystem(hostname: string, devices: readonly string[]): ResolvedSystem {
  const [first, ...others] = devices;
  return {
    hostname,
    wan:
      first === undefined
        ? []
        : [{ interface: "wan0", device: first, address: { kind: "dhcp" }, metric: 100 }],
    ...(others.length > 0 && {
      lan: {
        interface: "br-lan",
        devices: others,
        address: "192.168.77.1/24" as InterfaceAddress,
        dhcp: {
          from: "192.168.77.100" as IpAddress,
          to: "192.168.77.199" as IpAddress,
          lease: hours(12),
        },
        internet: false,
      },
    }),
    time: { ntp: [], via: "any" },
    ssh: { isEnabled: false, authorizedKeys: [] },
  };
}

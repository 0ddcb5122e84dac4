/** DHCP server and DNS forwarder of the LAN. Source: dnsmasq(8) */
import type { ResolvedLan } from "#config/resolved-system.ts";
import { SERVICE_FILES, type ServicePlan } from "./service-plan.ts";

/** Hosts are given what they ask for, and the router itself as gateway and name server. */
export function dnsmasq({ interface: name, dhcp }: ResolvedLan): ServicePlan {
  const file = `${SERVICE_FILES}/dnsmasq.conf`;
  const lines = [
    `interface=${name}`,
    "except-interface=lo",
    "bind-dynamic",
    "user=dnsmasq",
    "resolv-file=/run/resolv.conf",
    "no-hosts",
    "domain-needed",
    "cache-size=1000",
    "dns-forward-max=300",
    "dhcp-leasefile=/run/dnsmasq.leases",
    "pid-file=",
    ...(dhcp
      ? [
          `dhcp-range=${dhcp.from},${dhcp.to},${Math.round(dhcp.lease / 1_000)}s`,
          "dhcp-authoritative",
        ]
      : []),
    ...(dhcp?.domain === undefined ? [] : [`domain=${dhcp.domain}`, `local=/${dhcp.domain}/`]),
  ];
  return {
    name: "dnsmasq",
    command: ["dnsmasq", "--keep-in-foreground", `--conf-file=${file}`],
    files: { [file]: { text: `${lines.join("\n")}\n`, mode: 0o644 } },
  };
}

/** The section `system` of a complete file becomes what the appliance works with. */
import {
  type InterfaceAddress,
  ipFamily,
  parseIpAddress,
  parsePrefix,
  prefixContains,
} from "#lib/ip.ts";
import type { ConfigPath } from "./config-error.ts";
import { durationOf } from "./duration-syntax.ts";
import type { Problems } from "./problems.ts";
import type { ResolvedLan, ResolvedSystem, ResolvedWan } from "./resolved-system.ts";
import type { FileSystem } from "./schema-system.ts";

/** Names that the section may refer to. */
interface Known {
  readonly hostname: string;
  readonly clients: readonly string[];
  readonly dialers: readonly string[];
}

/** Of the first WAN's default route; each further one is worse by as much. */
export const FIRST_METRIC = 100;

/** @returns undefined when there is no such section, or after telling `problems` what is wrong with it. */
export function resolveSystem(
  file: FileSystem | undefined,
  known: Known,
  problems: Problems,
): ResolvedSystem | undefined {
  if (!file) return undefined;
  const wan = file.wan.map((each, index) => resolveWan(each, index, known, problems));
  const lan = file.lan && resolveLan(file.lan, problems);
  checkTwice(file, problems);
  const { ntp, via } = file.time;
  if (via !== "any" && !known.clients.includes(via))
    problems.error(
      ["system", "time", "via"],
      `there is no client ${via} (any, or a name under clients)`,
    );
  const { enabled, "authorized-keys": authorizedKeys } = file.ssh;
  if (enabled && authorizedKeys.length === 0)
    problems.error(
      ["system", "ssh", "enabled"],
      "nobody could log in (authorized-keys: [ssh-ed25519 AAAA…]; there are no passwords)",
    );
  return {
    hostname: known.hostname,
    wan,
    ...(lan && { lan }),
    time: { ntp, via },
    ssh: { isEnabled: enabled, authorizedKeys },
  };
}

function resolveWan(
  wan: FileSystem["wan"][number],
  index: number,
  { dialers }: Known,
  problems: Problems,
): ResolvedWan {
  const path: ConfigPath = ["system", "wan", index];
  const { device, dialer, gateway, dns } = wan;
  if (dialer !== undefined && !dialers.includes(dialer))
    problems.error([...path, "dialer"], `there is no dialer ${dialer} (a name under dialers)`);
  if (dialer !== undefined && wan.address !== undefined)
    problems.error(
      [...path, "address"],
      "the dialer gives the address (leave address out, or dialer)",
    );
  if (dialer !== undefined && device !== undefined)
    problems.error([...path, "device"], "the dialer says its device (leave device out, or dialer)");
  if (dialer === undefined && device === undefined)
    problems.error(path, "has nothing to go by (give device: eth0, or dialer)", "key");
  return {
    interface: wan.interface,
    ...(device !== undefined && { device: device.toLowerCase() }),
    address:
      dialer !== undefined
        ? { kind: "dialer" }
        : (wan.address ?? "dhcp") === "dhcp"
          ? { kind: "dhcp" }
          : {
              kind: "static",
              address: wan.address as InterfaceAddress,
              ...(gateway !== undefined && {
                gateway: gatewayOf(wan.address ?? "", gateway, path, problems),
              }),
              dns: dns.flatMap((each) => parseIpAddress(each) ?? []),
            },
    metric: FIRST_METRIC * (index + 1),
  };
}

function gatewayOf(address: string, text: string, path: ConfigPath, problems: Problems) {
  const gateway = parseIpAddress(text);
  const network = parsePrefix(address);
  if (gateway && network && !prefixContains(network, gateway))
    problems.error([...path, "gateway"], `is not in the network of ${address}`);
  return gateway as NonNullable<typeof gateway>;
}

function resolveLan(lan: NonNullable<FileSystem["lan"]>, problems: Problems): ResolvedLan {
  const { dhcp } = lan;
  const network = parsePrefix(lan.address);
  const [from, to] = [parseIpAddress(dhcp?.from ?? ""), parseIpAddress(dhcp?.to ?? "")];
  if (dhcp)
    for (const [key, address] of [
      ["from", from],
      ["to", to],
    ] as const)
      if (!address || !network || ipFamily(address) !== 4 || !prefixContains(network, address))
        problems.error(["system", "lan", "dhcp", key], `is not an IPv4 address of ${lan.address}`);
  return {
    interface: lan.interface,
    devices: lan.devices.map((device) => device.toLowerCase()),
    address: lan.address as InterfaceAddress,
    ...(dhcp &&
      from &&
      to && {
        dhcp: {
          from,
          to,
          lease: durationOf(dhcp.lease),
          ...(dhcp.domain !== undefined && { domain: dhcp.domain }),
        },
      }),
    internet: lan.internet,
  };
}

/** An interface or a device that is two things at once. */
function checkTwice({ wan, lan }: FileSystem, problems: Problems): void {
  const interfaces = new Set<string>();
  const devices = new Set<string>();
  const take = (set: Set<string>, value: string | undefined, path: ConfigPath) => {
    if (value === undefined) return;
    if (set.has(value.toLowerCase())) problems.error(path, `${value} is used twice`);
    set.add(value.toLowerCase());
  };
  for (const [index, each] of wan.entries()) {
    take(interfaces, each.interface, ["system", "wan", index, "interface"]);
    take(devices, each.device, ["system", "wan", index, "device"]);
  }
  if (!lan) return;
  take(interfaces, lan.interface, ["system", "lan", "interface"]);
  for (const [index, device] of lan.devices.entries())
    take(devices, device, ["system", "lan", "devices", index]);
}

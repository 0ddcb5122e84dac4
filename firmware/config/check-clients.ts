import { type IpAddress, ipFamily, parseIpAddress } from "#lib/ip.ts";
import type { ConfigPath } from "./config-error.ts";
import type { Problems } from "./problems.ts";
import type { FileConfig } from "./schema.ts";
import type { FileClient } from "./schema-client.ts";

/** Addresses by interface name, without loopback and link-local ones. */
export type MachineInterfaces = ReadonlyMap<string, readonly IpAddress[]>;

/**
 * Tells of what a client can't do although it was configured to: on the file as it was written, whose places are those of
 * the operator.
 */
export function checkClients(
  config: FileConfig,
  interfaces: MachineInterfaces | undefined,
  problems: Problems,
): void {
  for (const [name, client] of Object.entries(config.clients)) {
    const path = ["clients", name];
    checkPeers(client, path, problems);
    if (interfaces) checkFamilies(client, interfaces, path, problems);
    checkStandby(client, path, problems);
    checkGroup(client, path, Object.values(config.clients), problems);
  }
}

function checkPeers({ peers }: FileClient, path: ConfigPath, problems: Problems): void {
  const hosts = peers.map(({ fqdn, address }) => (fqdn ?? address ?? "").toLowerCase());
  for (const [index, host] of hosts.entries())
    if (hosts.indexOf(host) < index)
      problems.warning(
        [...path, "peers", index],
        `${host} is in the list already (each peer once)`,
      );
}

/** A peer of a family that no source has an address of can't be reached; a source that is not there yet may have one. */
function checkFamilies(
  { peers, source }: FileClient,
  interfaces: MachineInterfaces,
  path: ConfigPath,
  problems: Problems,
): void {
  const names = source.map((each) => each.interface);
  if (names.length === 0 || names.some((name) => !interfaces.get(name)?.length)) return;
  const own = names.flatMap((name) => interfaces.get(name) ?? []);
  const families = new Set(own.map(ipFamily));
  for (const [index, { address, family }] of peers.entries()) {
    const ip = parseIpAddress(address ?? "");
    const needed = ip
      ? ipFamily(ip)
      : ({ ipv4: 4, ipv6: 6, dynamic: undefined } as const)[family ?? "dynamic"];
    if (needed === undefined || families.has(needed)) continue;
    const at = [...path, "peers", index, ip ? "address" : "family"];
    problems.error(
      at,
      `is IPv${needed}, and no source has an IPv${needed} address (there is ${own.join(", ")})`,
    );
  }
}

/** A standby needs somebody else to stand by. */
function checkStandby(client: FileClient, path: ConfigPath, problems: Problems): void {
  const { standby, peers, source, dialer, "downloaded-backups": downloaded } = client;
  const isAlone = peers.length === 1 && source.length < 2 && dialer === undefined;
  if (standby === "hot" && isAlone && downloaded === "ignore")
    problems.warning(
      [...path, "standby"],
      "there is one peer and no second source: nobody can stand by (add a peer or a source)",
    );
}

function checkGroup(
  client: FileClient,
  path: ConfigPath,
  all: readonly FileClient[],
  problems: Problems,
): void {
  const { "backup-group": group } = client;
  if (group === undefined) return;
  if (all.filter((each) => each["backup-group"] === group).length < 2)
    problems.warning(
      [...path, "backup-group"],
      `no other client is in group ${group} (a group keeps its clients from using the same peer)`,
    );
}

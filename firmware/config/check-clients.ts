import type { ConfigPath } from "./config-error.ts";
import type { Problems } from "./problems.ts";
import type { FileConfig } from "./schema.ts";
import type { FileClient } from "./schema-client.ts";

/**
 * Tells of what a client can't do although it was configured to: on the file as it was written, whose places are those of
 * the operator.
 */
export function checkClients(config: FileConfig, problems: Problems): void {
  for (const [name, client] of Object.entries(config.clients)) {
    const path = ["clients", name];
    checkPeers(client, path, problems);
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

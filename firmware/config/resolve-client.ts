/** A complete client of the file becomes what the client machine works with. */
import type { IkeConnection } from "#ike/connection.ts";
import type { Duration } from "#lib/duration.ts";
import { parseIpAddress } from "#lib/ip.ts";
import type { CompleteClient } from "./complete.ts";
import { durationOf } from "./duration-syntax.ts";
import type { ResolvedClient, ResolvedPeer, ResolvedSource, TrackCondition } from "./resolved.ts";
import { parseWindow } from "./window-syntax.ts";

/** @param connection everything of `ikev2` and `ipsec` that this client uses. */
export function resolveClient(
  name: string,
  client: CompleteClient,
  connection: IkeConnection,
): ResolvedClient {
  const initial = durationOf(client.backoff.initial);
  const { connect, rehearsal, dialer, "backup-group": backupGroup } = client;
  return {
    name,
    tunnel: client.tunnel,
    connect: typeof connect === "string" ? connect : condition(connect.track, connect.state),
    peers: client.peers.map(resolvePeer),
    peerReactivate: client["peer-reactivate"],
    downloadedBackups: client["downloaded-backups"],
    standby: client.standby,
    sources: client.source.map(resolveSource),
    holdDown: durationOf(client["hold-down"]),
    ...(rehearsal === false ? {} : { rehearsal: resolveRehearsal(rehearsal) }),
    ...(backupGroup === undefined ? {} : { backupGroup }),
    ...(dialer === undefined ? {} : { dialer }),
    inside: client.inside,
    nat: client.nat,
    routes: client.routes,
    killSwitch: client["kill-switch"],
    backoff: { initial, max: Math.max(initial, durationOf(client.backoff.max)) as Duration },
    connection,
  };
}

function resolvePeer(peer: CompleteClient["peers"][number]): ResolvedPeer {
  const { seq, fqdn, address, family, track, state } = peer;
  const ip = parseIpAddress(address ?? "");
  const host: ResolvedPeer["host"] = ip
    ? { kind: "address", address: ip }
    : { kind: "fqdn", name: fqdn ?? "", family: family ?? "dynamic" };
  return { seq, host, ...(track === undefined ? {} : { track: condition(track, state) }) };
}

function resolveSource(source: CompleteClient["source"][number]): ResolvedSource {
  const { seq, interface: device, track } = source;
  return { seq, interface: device, ...(track === undefined ? {} : { track: condition(track) }) };
}

function resolveRehearsal(
  rehearsal: Exclude<CompleteClient["rehearsal"], false>,
): NonNullable<ResolvedClient["rehearsal"]> {
  const window = parseWindow(rehearsal.window ?? "");
  return { every: durationOf(rehearsal.every), ...(window === undefined ? {} : { window }) };
}

/** IOS takes `up` where nothing is said; unconfirmed. */
function condition(object: string | number, state: TrackCondition["state"] = "up"): TrackCondition {
  return { object: String(object), state };
}

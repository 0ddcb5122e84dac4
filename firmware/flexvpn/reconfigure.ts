/**
 * What a new configuration means for a running client: which of its parts changed, and whether a session in use may
 * stay. It compares; `client-moves.ts` acts.
 */
import type { ResolvedClient, ResolvedSource, ResolvedTunnel } from "#config/resolved.ts";
import { staticPeers } from "./peer-list.ts";
import type { OpenSession } from "./states.ts";

export interface ClientConfig {
  readonly client: ResolvedClient;
  readonly tunnel: ResolvedTunnel;
}

export interface ConfigChange {
  /** Keys of the client that changed; `profile` stands for all of `ikev2` and `ipsec`. Empty when nothing did. */
  readonly changed: readonly string[];
  /** The session in use, or being opened, does not fit the new configuration. */
  readonly restart: boolean;
}

/**
 * Compares two configurations of one client; `open` is its session, if any, by the old one.
 * @param sources by the new one, with the dialer's interface among them.
 */
export function configChange(
  before: ClientConfig,
  now: ClientConfig,
  open: OpenSession | undefined,
  sources: readonly ResolvedSource[],
): ConfigChange {
  const keys = [
    "connect",
    "peers",
    "sources",
    "peerReactivate",
    "downloadedBackups",
    "standby",
    "holdDown",
    "rehearsal",
    "backupGroup",
    "dialer",
    "inside",
    "nat",
    "routes",
    "killSwitch",
    "backoff",
  ] as const;
  const changed: string[] = keys.filter((key) => !isSame(before.client[key], now.client[key]));
  const profile = !isSame(before.client.connection, now.client.connection);
  const tunnel = !isSame(before.tunnel, now.tunnel);
  if (profile) changed.push("profile");
  if (tunnel) changed.push("tunnel");
  const moves =
    before.tunnel.name !== now.tunnel.name || before.tunnel.number !== now.tunnel.number;
  const isUnfit = open !== undefined && !fits(now.client, open, sources);
  return { changed, restart: profile || moves || isUnfit };
}

/** A gateway that a hub named is not in the file: it goes only when such gateways are no longer welcome. */
function fits(
  client: ResolvedClient,
  { peer, source }: OpenSession,
  sources: readonly ResolvedSource[],
): boolean {
  const hasPeer =
    peer.origin === "redirected" ||
    (peer.origin === "downloaded" && client.downloadedBackups === "after-static") ||
    staticPeers(client.peers).some(({ host }) => host === peer.host);
  const hasSource =
    source === undefined ? sources.length === 0 : sources.some((each) => each.interface === source);
  return hasPeer && hasSource;
}

/** Deep equality of plain data, bytes, and of objects that compare themselves: secrets and key objects. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b)) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (comparesItself(a)) return a.equals(b);
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length && keys.every((key) => key in b && isSame(a[key], b[key]))
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function comparesItself(value: object): value is { equals(other: unknown): boolean } {
  return "equals" in value && typeof value.equals === "function";
}

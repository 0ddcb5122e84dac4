/** Clients: `crypto ikev2 client flexvpn`, and tunnels with a fixed destination that need none. */
import { parseIpAddress } from "#lib/ip.ts";
import { isDnsName } from "../identity-syntax.ts";
import { freeName } from "./draft.ts";
import { interfaceNameOf } from "./interface-name.ts";
import { type KeyPair, keysFor } from "./keyrings.ts";
import { idOf, type Section, sectionsOf, valueIn } from "./read-sections.ts";
import { translatePolicies } from "./translate-ikev2.ts";
import { explainRest } from "./translate-nat.ts";
import { translateProfile } from "./translate-profile.ts";
import { type ClientLines, inSequence, insideOf, sourcesOf } from "./translate-sources.ts";
import { trackReference } from "./translate-tracks.ts";
import { protectionOf, translateTunnel } from "./translate-tunnel.ts";
import { carriedNumber, lineOf, linesOf, namedSection, type Work } from "./work.ts";

interface Peer {
  readonly value: Readonly<Record<string, unknown>>;
  readonly host: string;
}

/** A client section, or a tunnel that is its own client, with what they belong to. */
interface Branch extends ClientLines {
  readonly name: string;
  readonly profile: Section;
  readonly peers: readonly Peer[];
}

/** Puts all clients into the draft, and tells of the routes and rules around them. */
export function translateClients(work: Work): void {
  const proposals = translatePolicies(work);
  const taken = new Set<string>();
  const branches = [
    ...sectionsOf(work.roots, "client").map((client) => ofClient(work, client)),
    ...sectionsOf(work.roots, "interface").map((tunnel) => ofTunnel(work, tunnel)),
  ].filter((branch) => branch !== undefined);
  for (const branch of branches) {
    const tunnel = interfaceNameOf(valueIn(branch.tunnel, "name"));
    if (taken.has(tunnel)) {
      work.ledger.left(
        branch.client ?? branch.tunnel,
        `${tunnel} belongs to another client already`,
      );
      continue;
    }
    taken.add(tunnel);
    translateBranch(work, branch, proposals);
  }
  const hubs = branches.flatMap(({ peers }) => peers.map(({ host }) => host));
  explainRest(work, hubs);
}

function ofClient(work: Work, client: Section): Branch | undefined {
  const line = lineOf(client, "tunnel");
  const wanted = line ? interfaceNameOf(valueIn(line, "interface")) : "";
  const tunnel = sectionsOf(work.roots, "interface").find(
    (each) => interfaceNameOf(valueIn(each, "name")) === wanted,
  );
  if (!tunnel) {
    work.ledger.left(
      client,
      line ? `there is no interface ${wanted}` : "connects no tunnel (client connect TunnelN)",
    );
    return undefined;
  }
  const profile = ikeProfileOf(work, tunnel);
  if (!profile) {
    work.ledger.left(
      client,
      `nothing names the IKEv2 profile of ${wanted} (tunnel protection, set ikev2-profile)`,
    );
    return undefined;
  }
  const peers = inSequence(work, linesOf(client, "peer-fqdn", "peer-address")).flatMap(
    (peer) => peerOf(work, peer) ?? [],
  );
  if (peers.length === 0) {
    work.ledger.left(client, "has no peer that could be carried over");
    return undefined;
  }
  work.ledger.carried(client, line);
  return { name: valueIn(client, "name"), client, tunnel, profile, peers };
}

/** A tunnel with a destination of its own, that no client connects. */
function ofTunnel(work: Work, tunnel: Section): Branch | undefined {
  const line = lineOf(tunnel, "destination");
  const name = interfaceNameOf(valueIn(tunnel, "name"));
  const isConnected = sectionsOf(work.roots, "client").some((client) =>
    linesOf(client, "tunnel").some((each) => interfaceNameOf(valueIn(each, "interface")) === name),
  );
  const profile = line && !isConnected ? ikeProfileOf(work, tunnel) : undefined;
  if (!line || !profile || !/^Tunnel/.test(name)) return undefined;
  const peer = hostOf(valueIn(line, "host"));
  if (!peer) {
    work.ledger.left(line, "is neither an address nor a name");
    return undefined;
  }
  work.ledger.carried(line);
  return {
    name,
    client: undefined,
    tunnel,
    profile,
    peers: [{ value: peer, host: valueIn(line, "host") }],
  };
}

function ikeProfileOf(work: Work, tunnel: Section): Section | undefined {
  const ipsec = protectionOf(tunnel);
  if (ipsec === undefined) return undefined;
  const line = lineOf(namedSection(work, "ipsec-profile", ipsec), "ike");
  const profile = namedSection(work, "profile", line ? valueIn(line, "name") : "default");
  if (profile) work.ledger.carried(line);
  return profile;
}

function hostOf(host: string): Readonly<Record<string, string>> | undefined {
  const address = parseIpAddress(host);
  if (address) return { address };
  return isDnsName(host) && !/^[\d.]+$/.test(host) ? { fqdn: host } : undefined;
}

function peerOf(work: Work, line: Section): Peer | undefined {
  const host = valueIn(line, idOf(line) === "peer-fqdn" ? "name" : "address");
  const found = hostOf(host);
  const seq = carriedNumber(work, line, "seq", [1, 1000]);
  if (!found) {
    work.ledger.left(line, "is neither an address nor a name");
    return undefined;
  }
  const family = idOf(line) === "peer-fqdn" && {
    family: "+ipv6" in (line.match?.values ?? {}) ? "ipv6" : "ipv4",
  };
  const track = trackReference(work, line);
  const value = {
    ...(seq !== undefined && { seq }),
    ...found,
    ...("fqdn" in found && family),
    ...(track !== undefined && { track, state: valueIn(line, "state") || "up" }),
  };
  return { value, host };
}

/** One client for each set of keys: ours have one pair of keys, those of the router one for each hub. */
function translateBranch(
  work: Work,
  branch: Branch,
  proposals: readonly string[] | undefined,
): void {
  const groups = peersByKey(work, branch);
  const base = interfaceNameOf(valueIn(branch.tunnel, "name"));
  const ownAddress = ownAddressOf(work, branch);
  const tunnels = groups.map((_, index) => (index === 0 ? base : `${base}-${index + 1}`));
  for (const [index, { peers, keys }] of groups.entries()) {
    const tunnel = tunnels[index] ?? base;
    translateTunnel(work, branch.tunnel, tunnel);
    const profile = translateProfile(work, {
      profile: branch.profile,
      keys,
      proposals,
      ownAddress,
    });
    const name = freeName(branch.name, work.draft.clients.keys());
    const value = {
      profile,
      tunnel,
      ...(index === 0 ? connectOf(work, branch) : backupConnect(work, tunnels.slice(0, index))),
      peers: peers.map((peer) => peer.value),
      ...habitsOf(work, branch),
    };
    const from = [branch.client, branch.tunnel].filter((each) => each !== undefined);
    const notes =
      index === 0
        ? []
        : [
            `the hubs of this client have another key than those of the first: it connects while ${tunnels.slice(0, index).join(" and ")} is down`,
          ];
    work.draft.clients.set(name, { value, from, notes });
  }
}

interface PeerGroup {
  readonly peers: readonly Peer[];
  readonly keys: KeyPair | undefined;
}

function peersByKey(work: Work, { profile, peers }: Branch): readonly PeerGroup[] {
  const line = lineOf(profile, "keyring");
  const identities = profile.children.map(
    (each) => valueIn(each, "value") || valueIn(each, "domain"),
  );
  const groups = new Map<string, { peers: Peer[]; keys: KeyPair | undefined }>();
  for (const peer of peers) {
    const keys =
      line &&
      keysFor(work, valueIn(line, "name"), {
        host: peer.host,
        identities: identities.filter(Boolean),
      });
    const mark = `${keys?.local?.mark} ${keys?.remote?.mark}`;
    const group = groups.get(mark);
    if (group) group.peers.push(peer);
    else groups.set(mark, { peers: [peer], keys });
  }
  if (line && [...groups.values()].some(({ keys }) => keys)) work.ledger.carried(line);
  return [...groups.values()];
}

/** A client for hubs with another key stands back while the tunnel of one before it is up. */
function backupConnect(work: Work, before: readonly string[]) {
  for (const tunnel of before)
    work.draft.track.set(`${tunnel}-up`, {
      value: { interface: tunnel, check: "line-protocol" },
      from: [],
      notes: ["for the client of the hubs with another key"],
    });
  const [first = "", ...others] = before.map((tunnel) => `${tunnel}-up`);
  if (others.length === 0) return { connect: { track: first, state: "down" } };
  const any = `${before.at(-1)}-or-before`;
  work.draft.track.set(any, {
    value: { boolean: [first, ...others].join(" or ") },
    from: [],
    notes: ["for the client of the hubs with another key"],
  });
  return { connect: { track: any, state: "down" } };
}

function connectOf(work: Work, { client, tunnel }: Branch) {
  const line = lineOf(client, "connect", "connect-track");
  const shutdown = lineOf(tunnel, "shutdown");
  if (shutdown) {
    work.ledger.left(shutdown, "the client is connected by hand instead (connect: manual)");
    if (line) work.ledger.left(line, "its tunnel is shut down: the client is connected by hand");
    return { connect: "manual" };
  }
  work.ledger.carried(line);
  if (!line || idOf(line) === "connect") return { connect: line ? valueIn(line, "mode") : "auto" };
  const track = trackReference(work, line);
  return {
    connect: track === undefined ? "auto" : { track, state: valueIn(line, "state") || "up" },
  };
}

function habitsOf(work: Work, branch: Branch) {
  const { client } = branch;
  const reactivate = lineOf(client, "reactivate", "no-reactivate");
  work.ledger.carried(reactivate);
  const group = lineOf(client, "group");
  work.ledger.carried(group);
  const isGrouped = group && valueIn(group, "group").toLowerCase() !== "default";
  const sources = sourcesOf(work, branch);
  const inside = insideOf(work, branch, new Set(sources.list.map((each) => each.interface)));
  return {
    "peer-reactivate": reactivate !== undefined && idOf(reactivate) === "reactivate",
    ...(sources.list.length > 0 && { source: sources.list }),
    ...(isGrouped && { "backup-group": freeName(valueIn(group, "group"), []) }),
    ...(sources.dialer !== undefined && { dialer: sources.dialer }),
    ...inside,
    ...routesOf(work, branch.profile),
  };
}

/** IOS: aaa authorization group … list LIST POLICY; route accept any */
function routesOf(work: Work, profile: Section) {
  const line = lineOf(profile, "authorization");
  const policy = line && namedSection(work, "authorization", valueIn(line, "policy"));
  if (!policy) return {};
  work.ledger.carried(line, policy);
  const accept = lineOf(policy, "accept", "no-accept");
  work.ledger.carried(accept);
  const distance = carriedNumber(work, accept, "distance", [1, 255]);
  const isRefused = accept !== undefined && idOf(accept) === "no-accept";
  if (isRefused) return { routes: { accept: false } };
  return distance === undefined ? {} : { routes: { distance } };
}

/** The address of the tunnel's source, by which the router calls itself where its profile says nothing. */
function ownAddressOf(work: Work, { tunnel, client }: Branch): string | undefined {
  const fixed = lineOf(tunnel, "source-address");
  if (fixed) return valueIn(fixed, "address");
  const line = lineOf(tunnel, "source-interface") ?? lineOf(client, "source");
  const name = line && interfaceNameOf(valueIn(line, "interface"));
  const owner = sectionsOf(work.roots, "interface").find(
    (each) => interfaceNameOf(valueIn(each, "name")) === name,
  );
  const address = lineOf(owner, "address");
  return address && valueIn(address, "address");
}

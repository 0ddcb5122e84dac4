/**
 * Fills in what one part of the file says about another: the only profile, the default proposal, sequence numbers, names
 * of identities. What comes out is a file again, in the file's own words, with nothing left to guess.
 */

import { checkClientTracks } from "./check-tracks.ts";
import { type CompleteDialer, completeDialers } from "./complete-dialers.ts";
import { type CompleteIkeProfile, completeIkeProfile } from "./complete-ike.ts";
import { type CompleteProposal, completeProposal, defaultProposal } from "./complete-proposal.ts";
import { type CompleteSla, completeSla } from "./complete-sla.ts";
import { completeTrack } from "./complete-track.ts";
import type { ConfigPath } from "./config-error.ts";
import type { Problems } from "./problems.ts";
import type { FileConfig, FileIpsecProfile, FileTunnel } from "./schema.ts";
import { fileSchema } from "./schema.ts";
import type { FileClient } from "./schema-client.ts";
import type { FileMqtt } from "./schema-mqtt.ts";
import type { Trustpoint } from "./trustpoint.ts";

/** `integrity` is there where a cipher needs it. */
export type CompleteIpsecProfile = FileIpsecProfile;
export type CompleteTunnel = FileTunnel & { readonly "ipsec-profile": string };
export type CompleteClient = Omit<FileClient, "peers" | "source"> & {
  readonly profile: string;
  readonly tunnel: string;
  readonly peers: readonly (FileClient["peers"][number] & { readonly seq: number })[];
  readonly source: readonly (FileClient["source"][number] & { readonly seq: number })[];
};

export interface CompleteConfig {
  readonly hostname: string;
  readonly pki: FileConfig["pki"];
  readonly ikev2: {
    readonly proposals: Readonly<Record<string, CompleteProposal>>;
    readonly profiles: Readonly<Record<string, CompleteIkeProfile>>;
  };
  readonly ipsec: { readonly profiles: Readonly<Record<string, CompleteIpsecProfile>> };
  readonly tunnels: Readonly<Record<string, CompleteTunnel>>;
  readonly track: FileConfig["track"];
  readonly sla: Readonly<Record<string, CompleteSla>>;
  readonly clients: Readonly<Record<string, CompleteClient>>;
  readonly dialers: Readonly<Record<string, CompleteDialer>>;
  readonly snmp?: FileConfig["snmp"];
  readonly system?: FileConfig["system"];
  readonly "change-guard": FileConfig["change-guard"];
  readonly syslog?: NonNullable<FileConfig["syslog"]>;
  readonly mqtt?: FileMqtt & { readonly "client-id": string };
  readonly web: FileConfig["web"];
  readonly prometheus?: NonNullable<FileConfig["prometheus"]>;
}

/**
 * @param hostname what the machine calls itself, for a file that does not say.
 * @param trustpoints by name; those that could not be loaded are missing, and `problems` knows.
 * @returns a best effort where `problems` has errors.
 */
export function completeConfig(
  file: FileConfig,
  hostname: string,
  trustpoints: ReadonlyMap<string, Trustpoint>,
  problems: Problems,
): CompleteConfig {
  const name = file.hostname ?? file.system?.hostname ?? hostname;
  const tunnels = completeTunnels(file, problems);
  const clients = mapValues(file.clients, (client, clientName, index) =>
    completeClient(client, ["clients", clientName], { file, tunnels, index }, problems),
  );
  const profiles = mapValues(file.ikev2.profiles, (profile, profileName) =>
    completeIkeProfile(
      profile,
      ["ikev2", "profiles", profileName],
      {
        file,
        hostname: name,
        trustpoints,
        peers: Object.values(clients).flatMap((client) =>
          client.profile === profileName ? client.peers : [],
        ),
      },
      problems,
    ),
  );
  if (Object.keys(clients).length === 0)
    problems.warning(["clients"], "no client is configured (clients: { NAME: { peers: […] } })");
  return {
    hostname: name,
    pki: file.pki,
    ikev2: { proposals: completeProposals(file, profiles, problems), profiles },
    ipsec: { profiles: completeIpsecProfiles(file, tunnels, problems) },
    tunnels,
    track: mapValues(file.track, completeTrack),
    sla: mapValues(file.sla, (sla, one) => completeSla(sla, ["sla", one], problems)),
    clients,
    dialers: completeDialers(file, problems),
    ...(file.snmp && { snmp: file.snmp }),
    ...(file.system && { system: file.system }),
    "change-guard": file["change-guard"],
    ...(file.syslog && { syslog: file.syslog }),
    ...(file.mqtt && { mqtt: { ...file.mqtt, "client-id": file.mqtt["client-id"] ?? name } }),
    web: file.web,
    ...(file.prometheus && { prometheus: file.prometheus }),
  };
}

/** The same keys with other values, in the same order. */
export function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, key: string, index: number) => To,
): Record<string, To> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value], index) => [key, change(value, key, index)]),
  );
}

/** Says that `reference` names nothing, and what there is to name. */
export function unknownName(kind: string, known: readonly string[]): string {
  const choice = known.length > 0 ? known.join(", ") : "none is configured";
  return `no ${kind} has this name (${choice})`;
}

function completeProposals(
  file: FileConfig,
  profiles: CompleteConfig["ikev2"]["profiles"],
  problems: Problems,
): Record<string, CompleteProposal> {
  const used = new Set(Object.values(profiles).flatMap((profile) => profile.proposals));
  const configured = mapValues(file.ikev2.proposals, (proposal, name) => {
    const path = ["ikev2", "proposals", name];
    if (!used.has(name))
      problems.warning(
        path,
        "no profile uses this proposal (name it in a profile, or remove it)",
        "key",
      );
    return completeProposal(proposal, path, problems);
  });
  return used.has("default") ? { default: defaultProposal, ...configured } : configured;
}

function completeIpsecProfiles(
  file: FileConfig,
  tunnels: Readonly<Record<string, CompleteTunnel>>,
  problems: Problems,
): Record<string, CompleteIpsecProfile> {
  const isNeeded = Object.values(tunnels).some((one) => one["ipsec-profile"] === "default");
  const isGiven = Object.hasOwn(file.ipsec.profiles, "default");
  const builtIn = { ipsec: { profiles: isNeeded && !isGiven ? { default: {} } : {} } };
  const profiles = { ...fileSchema.parse(builtIn).ipsec.profiles, ...file.ipsec.profiles };
  return mapValues(profiles, ({ integrity: given, ...profile }, name) => {
    const path = ["ipsec", "profiles", name];
    const wish = { encryption: profile.encryption, ...(given && { integrity: given }) };
    const { integrity } = completeProposal(wish, path, problems);
    return { ...profile, ...(integrity && { integrity: given ?? ["sha256"] }) };
  });
}

function completeTunnels(file: FileConfig, problems: Problems): Record<string, CompleteTunnel> {
  const configured = Object.keys(file.tunnels).length > 0;
  const tunnels = configured
    ? file.tunnels
    : fileSchema.parse({
        tunnels: Object.fromEntries(
          Object.keys(file.clients).map((_, index) => [`Tunnel${index}`, {}]),
        ),
      }).tunnels;
  const profiles = Object.keys(file.ipsec.profiles);
  return mapValues(tunnels, (tunnel, name) => {
    const path = ["tunnels", name, "ipsec-profile"];
    const chosen = tunnel["ipsec-profile"];
    if (chosen !== undefined && chosen !== "default" && !profiles.includes(chosen))
      problems.error(path, unknownName("ipsec profile", [...new Set([...profiles, "default"])]));
    const only = profiles.length === 1 ? profiles[0] : undefined;
    return { ...tunnel, "ipsec-profile": chosen ?? only ?? "default" };
  });
}

interface Around {
  readonly file: FileConfig;
  readonly tunnels: Readonly<Record<string, CompleteTunnel>>;
  /** Place of the client among the clients. */
  readonly index: number;
}

function completeClient(
  client: FileClient,
  path: ConfigPath,
  { file, tunnels, index }: Around,
  problems: Problems,
): CompleteClient {
  const own = String(path.at(-1));
  checkClientTracks(client, path, Object.keys(file.track), problems);
  const profile = choose(client.profile, own, Object.keys(file.ikev2.profiles), {
    kind: "ikev2 profile",
    path: [...path, "profile"],
    problems,
  });
  const made = Object.keys(file.tunnels).length === 0 ? `Tunnel${index}` : own;
  const tunnel = choose(client.tunnel, made, Object.keys(tunnels), {
    kind: "tunnel",
    path: [...path, "tunnel"],
    problems,
  });
  return {
    ...client,
    profile,
    tunnel,
    peers: numbered(client.peers, [...path, "peers"], problems),
    source: numbered(client.source, [...path, "source"], problems),
  };
}

/** What was asked for, else the one with this client's own name, else the only one. */
function choose(
  asked: string | undefined,
  own: string,
  known: readonly string[],
  { kind, path, problems }: { kind: string; path: ConfigPath; problems: Problems },
): string {
  if (asked !== undefined) {
    if (!known.includes(asked)) problems.error(path, unknownName(kind, known));
    return asked;
  }
  if (known.includes(own)) return own;
  const [first, ...others] = known;
  if (first !== undefined && others.length === 0) return first;
  problems.error(
    path,
    known.length === 0
      ? `is required, and there is no ${kind} yet (add one)`
      : `is required: there is more than one ${kind} (${known.join(", ")})`,
  );
  return own;
}

/** Gives sequence numbers in steps of ten, after the one before, to what has none; sorts by them. */
function numbered<Item extends { readonly seq?: number | undefined }>(
  items: readonly Item[],
  path: ConfigPath,
  problems: Problems,
): readonly (Item & { readonly seq: number })[] {
  let last = 0;
  const seen = new Set<number>();
  const result = items.map((item, index) => {
    const seq = item.seq ?? (Math.floor(last / 10) + 1) * 10;
    if (seen.has(seq))
      problems.error([...path, index, "seq"], `seq ${seq} is taken (each seq once)`);
    seen.add(seq);
    last = seq;
    return { ...item, seq };
  });
  return result.sort((a, b) => a.seq - b.seq);
}

/** A complete file becomes what the daemon works with: numbers instead of names, bytes instead of references. */
import type { EspProposal, IkeConnection, IkeProposal } from "#ike/connection.ts";
import { invariant } from "#lib/invariant.ts";
import {
  type InterfaceAddress,
  type IpAddress,
  interfaceAddress,
  type Prefix,
  parseIpAddress,
  parsePrefix,
} from "#lib/ip.ts";
import { encryptionNames, integrityNames, keyExchangeNames, prfNames } from "./algorithms.ts";
import { checkDialers } from "./check-dialers.ts";
import { checkNames } from "./check-names.ts";
import { checkTracks } from "./check-tracks.ts";
import type { CompleteClient, CompleteConfig, CompleteTunnel } from "./complete.ts";
import { isAead } from "./complete-proposal.ts";
import { durationOf } from "./duration-syntax.ts";
import type { Problems } from "./problems.ts";
import { resolveClient } from "./resolve-client.ts";
import { resolveDialer } from "./resolve-dialer.ts";
import { resolveMqtt } from "./resolve-mqtt.ts";
import { copyProofs, type Proofs, resolveProofs, wipeProofs } from "./resolve-proofs.ts";
import { resolveSla } from "./resolve-sla.ts";
import { resolveSnmp } from "./resolve-snmp.ts";
import { resolveSyslog } from "./resolve-syslog.ts";
import { resolveSystem } from "./resolve-system.ts";
import { resolveTracks } from "./resolve-track.ts";
import { checkWeb, resolveWeb } from "./resolve-web.ts";
import type { ResolvedClient, ResolvedConfig, ResolvedTunnel } from "./resolved.ts";
import type { ResolvedDialer } from "./resolved-dialer.ts";
import type { FileIpsecProfile } from "./schema.ts";
import { resolvePrometheus } from "./schema-prometheus.ts";
import type { SecretSource } from "./secret-source.ts";
import { parsePercent, parseSize } from "./size-syntax.ts";
import type { Trustpoint } from "./trustpoint.ts";
import { tunnelNumbers } from "./tunnel-number.ts";

/** @returns undefined when `problems` has errors, then or before. */
export function resolveConfig(
  complete: CompleteConfig,
  trustpoints: ReadonlyMap<string, Trustpoint>,
  source: SecretSource,
  problems: Problems,
): ResolvedConfig | undefined {
  checkNames(complete, problems);
  checkTracks(complete.track, Object.keys(complete.sla), problems);
  checkWeb(complete.web, problems);
  checkDialers({ ...complete, tracks: Object.keys(complete.track) }, problems);
  const proofs = new Map<string, Proofs>();
  for (const [name, profile] of Object.entries(complete.ikev2.profiles)) {
    const path = ["ikev2", "profiles", name];
    const resolved = resolveProofs(profile, path, trustpoints, source, problems);
    if (resolved) proofs.set(name, resolved);
  }
  const known = Object.keys(complete.pki.trustpoints);
  const sla = resolveSla(complete.sla, known, trustpoints, problems);
  const dialers: Record<string, ResolvedDialer> = {};
  for (const [name, dialer] of Object.entries(complete.dialers)) {
    const resolved = resolveDialer(name, dialer, source, problems);
    if (resolved) dialers[name] = resolved;
  }
  const web = resolveWeb(complete.web, complete.hostname, source, problems);
  const mqtt = resolveMqtt(complete, source, problems);
  const syslog = resolveSyslog(complete.syslog, source, problems);
  const snmp = resolveSnmp(complete.snmp, source, problems);
  const system = resolveSystem(
    complete.system,
    {
      hostname: complete.hostname,
      clients: Object.keys(complete.clients),
      dialers: Object.keys(complete.dialers),
    },
    problems,
  );
  if (problems.errors.length > 0) return undefined;
  const clients: Record<string, ResolvedClient> = {};
  for (const [name, client] of Object.entries(complete.clients)) {
    const shared = proofs.get(client.profile);
    invariant(shared, "a client's profile was checked");
    const connection = resolveConnection(name, client, complete, copyProofs(shared));
    clients[name] = resolveClient(name, client, connection);
  }
  for (const shared of proofs.values()) wipeProofs(shared);
  const numbers = tunnelNumbers(Object.keys(complete.tunnels));
  const tunnels: Record<string, ResolvedTunnel> = {};
  for (const [name, tunnel] of Object.entries(complete.tunnels))
    tunnels[name] = resolveTunnel(name, numbers.get(name) ?? 0, tunnel);
  const track = resolveTracks(complete.track, source.configFile);
  const guard = complete["change-guard"];
  const prometheus = resolvePrometheus(complete.prometheus);
  return {
    hostname: complete.hostname,
    clients,
    tunnels,
    sla,
    track,
    dialers,
    ...(snmp && { snmp }),
    ...(guard === "off" ? {} : { changeGuard: { within: durationOf(guard.within) } }),
    web,
    ...(mqtt && { mqtt }),
    ...(syslog && { syslog }),
    ...(prometheus && { prometheus }),
    ...(system && { system }),
  };
}

function resolveConnection(
  name: string,
  client: CompleteClient,
  complete: CompleteConfig,
  proofs: Proofs,
): IkeConnection {
  const profile = complete.ikev2.profiles[client.profile];
  const tunnel = complete.tunnels[client.tunnel];
  const ipsec = tunnel && complete.ipsec.profiles[tunnel["ipsec-profile"]];
  invariant(profile && ipsec, "references were checked");
  const { dpd, retransmit, fragmentation } = profile;
  const { request } = profile["config-exchange"];
  const families = request === true ? ["ipv4", "ipv6"] : request === false ? [] : request;
  const asks = tunnel.address === "negotiated";
  const wishes = anything(families.length > 0 && asks ? families : ["ipv4", "ipv6"]);
  const bytes = ipsec.lifetime.bytes === "off" ? undefined : parseSize(ipsec.lifetime.bytes);
  return {
    name,
    ...proofs,
    proposals: profile.proposals.flatMap((one) => {
      const proposal = complete.ikev2.proposals[one];
      invariant(proposal, "references were checked");
      return splitByKind(proposal.encryption).map(
        (encryption): IkeProposal => ({
          ...ciphers(encryption, proposal.integrity),
          prf: numbers(prfNames, proposal.prf),
          keyExchange: numbers(keyExchangeNames, proposal["key-exchange"]),
        }),
      );
    }),
    child: {
      proposals: espProposals(ipsec),
      local: wishes,
      remote: wishes,
      mode: "tunnel",
      lifetime: { time: durationOf(ipsec.lifetime.time), ...(bytes !== undefined && { bytes }) },
      replayWindow: ipsec["replay-window"],
      offload: ipsec.offload,
    },
    request: {
      ipv4: asks && families.includes("ipv4"),
      ipv6: asks && families.includes("ipv6"),
    },
    dpd: { mode: dpd.mode, interval: durationOf(dpd.interval), retry: durationOf(dpd.retry) },
    retransmit: {
      initial: durationOf(retransmit.initial),
      factor: retransmit.factor,
      limit: retransmit.limit,
      jitter: parsePercent(retransmit.jitter) ?? 0,
    },
    lifetime: durationOf(profile.lifetime),
    natKeepalive: durationOf(profile["nat-keepalive"]),
    ...(fragmentation !== false && { fragmentMtu: fragmentation.mtu }),
    announceFlexVpn: true,
    initialContact: true,
  };
}

function espProposals(ipsec: FileIpsecProfile): readonly EspProposal[] {
  return splitByKind(ipsec.encryption).map((encryption) => ({
    ...ciphers(encryption, ipsec.integrity),
    keyExchange: numbers(keyExchangeNames, ipsec.pfs),
    esn: ipsec.esn,
  }));
}

/** AEAD and other ciphers can't share a proposal: one needs no integrity, the other must have it. RFC 7296 §3.3 */
function splitByKind(encryption: readonly string[]): readonly (readonly string[])[] {
  const kinds = [encryption.filter(isAead), encryption.filter((name) => !isAead(name))];
  if (!isAead(encryption[0] ?? "")) kinds.reverse();
  return kinds.filter((names) => names.length > 0);
}

function ciphers(encryption: readonly string[], integrity: readonly string[] | undefined) {
  return {
    encryption: encryption.map((name) => {
      const cipher = encryptionNames.get(name);
      invariant(cipher, "cipher names were checked");
      const { id, keyLength } = cipher;
      return keyLength === undefined ? { id } : { id, keyLength };
    }),
    integrity: isAead(encryption[0] ?? "") ? [] : numbers(integrityNames, integrity ?? []),
  };
}

function numbers(table: ReadonlyMap<string, number>, names: readonly string[]): readonly number[] {
  return [...new Set(names)].map((name) => {
    const id = table.get(name);
    invariant(id !== undefined, "algorithm names were checked");
    return id;
  });
}

function anything(families: readonly string[]) {
  const prefixes = { ipv4: "0.0.0.0/0", ipv6: "::/0" } as const;
  return (["ipv4", "ipv6"] as const)
    .filter((family) => families.includes(family))
    .map((family) => ({ prefix: prefixes[family] as string as Prefix }));
}

function resolveTunnel(name: string, number: number, tunnel: CompleteTunnel): ResolvedTunnel {
  const { address, mtu, "tcp-mss": tcpMss } = tunnel;
  return {
    name,
    number,
    address:
      address === "negotiated"
        ? { kind: "negotiated" }
        : { kind: "fixed", address: fixedAddress(address) },
    mtu,
    tcpMss,
  };
}

function fixedAddress(text: string): InterfaceAddress {
  const [address = "", length] = text.split("/");
  const ip = parseIpAddress(address) as IpAddress;
  invariant(ip && parsePrefix(text), "addresses were checked");
  return interfaceAddress(ip, Number(length));
}

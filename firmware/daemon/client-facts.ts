/** What of a client's configuration a diagnosis goes by, in the words of the file and without secrets. Pure. */

import {
  algorithmName,
  encryptionName,
  integrityNames,
  keyExchangeNames,
  prfNames,
} from "#config/algorithms.ts";
import type { ResolvedClient, ResolvedPeer, ResolvedTunnel } from "#config/resolved.ts";
import type { EspProposal, IkeProposal } from "#ike/connection.ts";
import { formatPattern } from "#ike/task/identity.ts";
import { readCertificate } from "#pki/certificate.ts";
import { formatIdentity } from "#pki/dn.ts";
import type { CertificateFacts, ClientFacts, PeerFacts } from "#state/diagnose/evidence.ts";

export function clientFacts(client: ResolvedClient, tunnel: ResolvedTunnel): ClientFacts {
  const { connection, dialer } = client;
  const { local, remote, child, fragmentMtu } = connection;
  return {
    connect: client.connect,
    peers: client.peers.map(peerFacts),
    sources: client.sources.map(({ interface: name, track }) => ({
      interface: name,
      ...(track && { track }),
    })),
    ...(dialer !== undefined && { dialer }),
    inside: client.inside,
    nat: client.nat,
    standby: client.standby,
    killSwitch: client.killSwitch,
    routesAccepted: client.routes.accept,
    local: {
      identity: formatIdentity(local.identity),
      authentication: local.authentication.method,
    },
    remote: {
      identities: remote.identities.map(formatPattern),
      authentication: remote.authentication.method,
    },
    ikeProposals: connection.proposals.map(ikeProposalText),
    espProposals: child.proposals.map(espProposalText),
    selectors: {
      local: child.local.map(({ prefix }) => prefix),
      remote: child.remote.map(({ prefix }) => prefix),
    },
    requestsAddress: connection.request.ipv4 || connection.request.ipv6,
    dpd: connection.dpd.mode,
    natKeepalive: connection.natKeepalive / 1_000,
    ...(fragmentMtu !== undefined && { fragmentMtu }),
    replayWindow: child.replayWindow,
    tunnelMtu: tunnel.mtu,
  };
}

/** The certificates that a client shows and goes by, own first; what can't be read has been refused before. */
export function certificateFacts({
  connection: { local, remote },
}: ResolvedClient): readonly CertificateFacts[] {
  const { authentication: own } = local;
  const { authentication: theirs } = remote;
  return [
    ...(own.method === "certificate" ? own.chain : []).flatMap((der) => facts(der, "own")),
    ...(theirs.method === "certificate"
      ? [...theirs.anchors, ...theirs.intermediates]
      : []
    ).flatMap((der) => facts(der, "authority")),
  ];
}

function facts(der: Uint8Array, role: CertificateFacts["role"]): readonly CertificateFacts[] {
  const certificate = readCertificate(der);
  if (!certificate) return [];
  const { subjectText: subject, issuerText: issuer, notBefore, notAfter } = certificate;
  return [{ role, subject, issuer, notBefore, notAfter }];
}

function peerFacts({ seq, host, track }: ResolvedPeer): PeerFacts {
  return {
    seq,
    host: host.kind === "address" ? host.address : host.name,
    ...(host.kind === "fqdn" && { family: host.family }),
    ...(track && { track }),
  };
}

function ikeProposalText({ encryption, integrity, prf, keyExchange }: IkeProposal): string {
  return parts([
    ["encryption", encryption.map(cipherText)],
    ["integrity", integrity.map((id) => named(integrityNames, id))],
    ["prf", prf.map((id) => named(prfNames, id))],
    ["key-exchange", keyExchange.map((id) => named(keyExchangeNames, id))],
  ]);
}

function espProposalText({ encryption, integrity, keyExchange, esn }: EspProposal): string {
  return parts([
    ["encryption", encryption.map(cipherText)],
    ["integrity", integrity.map((id) => named(integrityNames, id))],
    ["pfs", keyExchange.map((id) => named(keyExchangeNames, id))],
    ["esn", [esn]],
  ]);
}

function parts(lists: readonly (readonly [string, readonly string[]])[]): string {
  return lists
    .filter(([, names]) => names.length > 0)
    .map(([what, names]) => `${what} ${names.join("|")}`)
    .join(", ");
}

function cipherText(choice: IkeProposal["encryption"][number]): string {
  return encryptionName(choice) ?? String(choice.id);
}

function named(table: ReadonlyMap<string, number>, id: number): string {
  return algorithmName(table, id) ?? String(id);
}

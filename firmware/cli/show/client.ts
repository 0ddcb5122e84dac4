import type { ClientState } from "#state/document.ts";
import { list, shortTime, table } from "../table.ts";

/** All clients, one a line. */
export function clientTable(clients: Readonly<Record<string, ClientState>>): string {
  return table(Object.entries(clients), [
    { title: "CLIENT", cell: ([name]) => name },
    { title: "STATE", cell: ([, client]) => client.state },
    { title: "SINCE", cell: ([, client]) => shortTime(client.since) },
    { title: "PEER", cell: ([, client]) => client.peer?.host },
    { title: "SOURCE", cell: ([, client]) => client.source },
    { title: "TUNNEL", cell: ([, client]) => client.tunnel },
    { title: "ADDRESS", cell: ([, { assigned }]) => assigned.ipv4 ?? assigned.ipv6 },
    { title: "REASON", cell: ([, client]) => client.reason },
  ]);
}

/** One client with everything known of it. */
export function clientDetail(name: string, client: ClientState): string {
  const { peer, assigned } = client;
  const facts = list([
    ["Client", name],
    ["State", client.state],
    ["Since", shortTime(client.since)],
    ["Reason", client.reason],
    ["Reason code", client["reason-code"]],
    ["Peer", peer && peerText(peer)],
    ["Source", client.source ?? "by routing table"],
    ["Tunnel interface", client.tunnel],
    ["Assigned IPv4 address", assigned.ipv4],
    ["Assigned IPv6 prefix", assigned.ipv6],
    ["Networks", joined(client.networks)],
    ["DNS servers", joined(client.dns)],
    ["Attempts", client.attempts],
    ["Next retry", shortTime(client["next-retry"])],
  ]);
  const peers = table(client.peers, [
    { title: "SEQ", cell: ({ seq }) => seq, align: "right" },
    { title: "PEER", cell: ({ host }) => host },
    { title: "IN USE", cell: ({ seq }) => (seq === peer?.seq ? "yes" : "") },
    { title: "LAST FAILURE", cell: (one) => one["last-failure"] },
  ]);
  return `${facts}\n${peers}`;
}

function peerText({ seq, host, address }: NonNullable<ClientState["peer"]>): string {
  return `${host}${address && address !== host ? ` (${address})` : ""}, seq ${seq}`;
}

const joined = (items: readonly string[]): string | undefined =>
  items.length > 0 ? items.join(", ") : undefined;

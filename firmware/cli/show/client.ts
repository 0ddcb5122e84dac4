import type { ClientState } from "#state/document.ts";
import { list, shortTime, table } from "../table.ts";
import type { Page, Tone } from "../terminal.ts";

/** All clients, one a line. */
export function clientTable(clients: Readonly<Record<string, ClientState>>, page?: Page): string {
  return table(
    Object.entries(clients),
    [
      { title: "CLIENT", cell: ([name]) => name },
      { title: "STATE", cell: ([, client]) => client.state, tone: ([, client]) => toneOf(client) },
      { title: "SINCE", cell: ([, client]) => shortTime(client.since) },
      { title: "PEER", cell: ([, client]) => client.peer?.host },
      { title: "SOURCE", cell: ([, client]) => client.source },
      { title: "TUNNEL", cell: ([, client]) => client.tunnel },
      { title: "ADDRESS", cell: ([, { assigned }]) => assigned.ipv4 ?? assigned.ipv6 },
      { title: "REASON", cell: ([, client]) => client.reason },
    ],
    page,
  );
}

/** One client with everything known of it. */
export function clientDetail(name: string, client: ClientState, page?: Page): string {
  const { peer, assigned } = client;
  const facts = list([
    ["Client", name],
    ["State", client.state],
    ["Since", shortTime(client.since)],
    ["Reason", client.reason],
    ["Reason code", client["reason-code"]],
    ["Peer", peer && peerText(peer)],
    ["Source", client.source ?? "by routing table"],
    ["Standby", standbyText(client)],
    ["Tunnel interface", client.tunnel],
    ["Assigned IPv4 address", assigned.ipv4],
    ["Assigned IPv6 prefix", assigned.ipv6],
    ["Networks", joined(client.networks)],
    ["DNS servers", joined(client.dns)],
    ["Attempts", client.attempts],
    ["Next retry", shortTime(client["next-retry"])],
    ["Backup group", client["backup-group"]],
  ]);
  const peers = table(
    client.peers,
    [
      { title: "SEQ", cell: ({ seq }) => seq, align: "right" },
      { title: "PEER", cell: ({ host }) => host },
      { title: "FROM", cell: ({ origin }) => (origin === "static" ? "configuration" : origin) },
      { title: "USE", cell: (one) => peerUse(one, client) },
      { title: "LAST FAILURE", cell: (one) => one["last-failure"] },
    ],
    page,
  );
  const { results } = client.rehearsal;
  const rehearsal = results.length > 0 ? `\nRehearsal:\n${rehearsalTable(results, page)}` : "";
  return `${facts}\n${peers}${rehearsal}`;
}

/** What the last rehearsal found of each way. */
export function rehearsalTable(results: ClientState["rehearsal"]["results"], page?: Page): string {
  return table(
    results,
    [
      { title: "SEQ", cell: ({ seq }) => seq, align: "right" },
      { title: "PEER", cell: ({ host }) => host },
      { title: "SOURCE", cell: ({ source }) => source },
      {
        title: "WORKS",
        cell: ({ works }) => (works ? "yes" : "NO"),
        tone: ({ works }) => (works ? "good" : "bad"),
      },
      {
        title: "MS",
        cell: ({ milliseconds, reason }) => (reason ? "" : milliseconds),
        align: "right",
      },
      { title: "TRIED", cell: ({ at }) => shortTime(at) },
      { title: "REASON", cell: ({ reason }) => reason },
    ],
    page,
  );
}

function peerUse(one: ClientState["peers"][number], { peer, standby }: ClientState): string {
  if (one.seq === peer?.seq) return "in use";
  if (one.seq === standby?.seq) return standby.state === "ready" ? "stands by" : "to stand by";
  return one.held === undefined ? "" : `held: ${one.held}`;
}

function standbyText({ standby }: ClientState): string | undefined {
  if (!standby) return undefined;
  const from = standby.source === undefined ? "" : ` from ${standby.source}`;
  return `${standby.host}${from}, ${standby.state}`;
}

function peerText({ seq, host, address }: NonNullable<ClientState["peer"]>): string {
  return `${host}${address && address !== host ? ` (${address})` : ""}, seq ${seq}`;
}

function toneOf({ state }: ClientState): Tone {
  if (state === "up") return "good";
  return state === "failed" || state === "backoff" ? "bad" : "busy";
}

const joined = (items: readonly string[]): string | undefined =>
  items.length > 0 ? items.join(", ") : undefined;

/** IOS: show crypto ikev2 client flexvpn [NAME]. Source: reference/flexvpn-client.md 6.1 */
import type { ClientState, ClientStatus } from "#state/document.ts";
import { printable } from "../table.ts";

type Clients = Readonly<Record<string, ClientState>>;

/** A block a client, an empty line between two. Scripts look for `Current state:ACTIVE` at the end of a line. */
export function flexvpnClientLayout(clients: Clients): string {
  return Object.entries(clients)
    .map(([name, client]) => block(name, client))
    .join("\n");
}

function block(name: string, client: ClientState): string {
  const { assigned } = client;
  const lines = [
    `Profile : ${name}`,
    `Current state:${iosState[client.state]}`,
    `Peer : ${client.peer?.address ?? client.peer?.host ?? "None"}`,
    `Source : ${client.source ?? "None"}`,
    "ivrf : IP DEFAULT",
    "fvrf : IP DEFAULT",
    `Backup group: ${client["backup-group"] ?? "None"}`,
    `Tunnel interface : ${client.tunnel}`,
    ...(assigned.ipv4 === undefined ? [] : [`Assigned IP address: ${assigned.ipv4}`]),
    ...(assigned.ipv6 === undefined ? [] : [`Assigned IPv6 address: ${assigned.ipv6}`]),
  ];
  return lines.map((line) => `  ${printable(line)}\n`).join("");
}

/** IOS's word for each state. All but ACTIVE unconfirmed, see reference/flexvpn-client.md 6.1. */
const iosState: Readonly<Record<ClientStatus, string>> = {
  idle: "CONNECT_REQUIRED",
  tracking: "TRACK_WAIT",
  dialing: "NEGOTIATING",
  resolving: "NEGOTIATING",
  connecting: "NEGOTIATING",
  authenticating: "NEGOTIATING",
  up: "ACTIVE",
  backoff: "NEGOTIATING",
  failed: "DOWN",
};

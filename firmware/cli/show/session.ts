/** IOS: show crypto session. One block a client: interface, status, peer, IKE SA, traffic. */
import type { ClientState, IkeSaState, IpsecSaState, StateDocument } from "#state/document.ts";
import { printable } from "../table.ts";

export interface Session {
  readonly client: string;
  readonly status: SessionStatus;
  readonly state: ClientState;
  readonly ike: readonly IkeSaState[];
  readonly ipsec: readonly IpsecSaState[];
}

/** IOS's words. */
export type SessionStatus = "UP-ACTIVE" | "UP-IDLE" | "UP-NO-IKE" | "DOWN-NEGOTIATING" | "DOWN";

/** Joins what belongs to each client. */
export function sessions(state: StateDocument): readonly Session[] {
  return Object.entries(state.clients).map(([client, clientState]) => {
    const ike = state.ike.filter((sa) => sa.client === client);
    const ipsec = state.ipsec.filter((sa) => sa.client === client);
    return { client, status: statusOf(clientState, ike, ipsec), state: clientState, ike, ipsec };
  });
}

/** All sessions in the layout of IOS. */
export function sessionLayout(all: readonly Session[]): string {
  return ["Crypto session current status\n", ...all.map(block)].join("\n");
}

function statusOf(
  { state }: ClientState,
  ike: readonly IkeSaState[],
  ipsec: readonly IpsecSaState[],
): SessionStatus {
  if (ipsec.length > 0) return ike.length > 0 ? "UP-ACTIVE" : "UP-NO-IKE";
  if (state === "up") return "UP-IDLE";
  return state === "connecting" || state === "authenticating" ? "DOWN-NEGOTIATING" : "DOWN";
}

function block({ client, status, state, ike, ipsec }: Session): string {
  const lines = [
    `Interface: ${state.tunnel}`,
    `Profile: ${client}`,
    `Session status: ${status}`,
    `Peer: ${peer(state, ike)}`,
    ...ike.flatMap((sa) => [
      ...(sa["remote-identity"] ? [`      Phase1_id: ${sa["remote-identity"]}`] : []),
      `  Session ID: ${sa.session}`,
      `  IKEv2 SA: local ${slashed(sa.local)} remote ${slashed(sa.remote)} ${sa.state === "established" ? "Active" : "Inactive"}`,
    ]),
    ...flows(ipsec),
  ];
  return `${lines.map(printable).join("\n")}\n`;
}

function peer({ peer: used }: ClientState, ike: readonly IkeSaState[]): string {
  const remote = ike[0]?.remote;
  if (remote) {
    const colon = remote.lastIndexOf(":");
    return `${remote.slice(0, colon)} port ${remote.slice(colon + 1)}`;
  }
  return used ? `${used.address ?? used.host} port 500` : "none";
}

function flows(ipsec: readonly IpsecSaState[]): readonly string[] {
  const [first] = ipsec;
  if (!first) return [];
  const flow = (side: readonly string[]) => side.join(",");
  const total = (direction: "in" | "out", count: (sa: IpsecSaState) => number) =>
    ipsec.filter((sa) => sa.direction === direction).reduce((sum, sa) => sum + count(sa), 0);
  const drops = (sa: IpsecSaState) => sa["replay-drops"] + sa["integrity-failures"];
  return [
    `  IPSEC FLOW: permit ip ${flow(first.selectors.local)} ${flow(first.selectors.remote)}`,
    `        Active SAs: ${ipsec.length}, origin: tunnel interface`,
    `        Inbound:  #pkts dec'ed ${total("in", (sa) => sa.packets)} drop ${total("in", drops)}`,
    `        Outbound: #pkts enc'ed ${total("out", (sa) => sa.packets)} drop ${total("out", drops)}`,
  ];
}

/** `203.0.113.1/4500`, as IOS writes an endpoint. */
const slashed = (endpoint: string): string => endpoint.replace(/:(\d+)$/, "/$1");

/** IOS: show crypto session [detail]. One block a client: interface, status, peer, IKE SA, traffic. reference/flexvpn-client.md 6.5 */
import type { IkeSaState, IpsecSaState } from "#state/document.ts";
import type { Session } from "../show/session.ts";
import { printable, shortDuration } from "../table.ts";
import { addressAndMask, slashed, splitEndpoint } from "./names.ts";

/** All sessions. */
export function sessionLayout(all: readonly Session[]): string {
  return ["Crypto session current status\n", ...all.map((one) => block(one, false))].join("\n");
}

/** The same with capabilities, lifetimes and counters. */
export function sessionDetailLayout(all: readonly Session[]): string {
  return ["Crypto session current status\n", CODES, ...all.map((one) => block(one, true))].join(
    "\n",
  );
}

function block({ client, status, state, ike, ipsec, uptime }: Session, isDetailed: boolean) {
  const [current] = ike;
  const lines = [
    `Interface: ${state.tunnel}`,
    ...(isDetailed ? [`Profile: ${client}`] : []),
    ...(isDetailed && uptime !== undefined ? [`Uptime: ${shortDuration(uptime)}`] : []),
    `Session status: ${status}`,
    `Peer: ${peer(state.peer?.address ?? state.peer?.host, current)}${isDetailed ? " fvrf: (none) ivrf: (none)" : ""}`,
    ...(isDetailed
      ? [`      Phase1_id: ${current?.["remote-identity"] ?? "(none)"}`, "      Desc: (none)"]
      : []),
    ...ike.flatMap((sa) => [
      `  Session ID: ${sa.session}`,
      `  IKEv2 SA: local ${slashed(sa.local)} remote ${slashed(sa.remote)} ${isReady(sa) ? "Active" : "Inactive"}`,
      ...(isDetailed ? [`          ${capabilities(sa)}`] : []),
    ]),
    ...flows(ipsec, isDetailed),
  ];
  return `${lines.map(printable).join("\n")}\n`;
}

const isReady = ({ state }: IkeSaState): boolean => state === "established" || state === "rekeying";

function peer(known: string | undefined, sa: IkeSaState | undefined): string {
  const { address, port } = splitEndpoint(sa?.remote ?? "");
  if (port !== undefined) return `${address} port ${port}`;
  return known === undefined ? "none" : `${known} port 500`;
}

/** Letters of the Code block. `lifetime` is what is left of the IKE SA's. */
function capabilities(sa: IkeSaState): string {
  const letters = [
    sa.assigned?.ipv4 || sa.assigned?.ipv6 ? "C" : "",
    sa.dpd && sa.dpd.mode !== "off" ? "D" : "",
    sa.nat.local || sa.nat.remote ? "N" : "",
    sa.fragmentation?.agreed ? "F" : "",
  ].join("");
  const left = Math.max(0, (sa.lifetime ?? 0) - sa.age);
  return `Capabilities:${letters || "(none)"} connid:${sa.session} lifetime:${shortDuration(left)}`;
}

function flows(ipsec: readonly IpsecSaState[], isDetailed: boolean): readonly string[] {
  const [first] = ipsec;
  if (!first) return [];
  const total = (direction: "in" | "out") => {
    const sas = ipsec.filter((sa) => sa.direction === direction);
    const sum = (count: (sa: IpsecSaState) => number) =>
      sas.reduce((amount, sa) => amount + count(sa), 0);
    return {
      packets: sum((sa) => sa.packets),
      drops: sum((sa) => sa["replay-drops"] + sa["integrity-failures"]),
      life: lifeLeft(sas.at(-1)),
    };
  };
  const [inbound, outbound] = [total("in"), total("out")];
  return [
    `  IPSEC FLOW: ${flow(first)}`,
    `        Active SAs: ${ipsec.length}, origin: crypto map`,
    ...(isDetailed
      ? [
          `        Inbound:  #pkts dec'ed ${inbound.packets} drop ${inbound.drops} life (KB/Sec) ${inbound.life}`,
          `        Outbound: #pkts enc'ed ${outbound.packets} drop ${outbound.drops} life (KB/Sec) ${outbound.life}`,
        ]
      : []),
  ];
}

/** `permit ip 10.250.1.7/255.255.255.255 …`; a host as `host 10.250.1.7`. IPv6 unconfirmed. */
function flow({ selectors }: IpsecSaState): string {
  const [local = "", remote = ""] = [selectors.local[0], selectors.remote[0]];
  const side = (prefix: string) =>
    prefix.endsWith("/32") || prefix.endsWith("/128")
      ? `host ${prefix.slice(0, prefix.indexOf("/"))}`
      : addressAndMask(prefix, "/");
  return `permit ${local.includes(":") ? "ipv6" : "ip"} ${side(local)} ${side(remote)}`;
}

/** Kilobytes and seconds that are left of an SA; without a limit of volume IOS says so. */
export function lifeLeft(sa: IpsecSaState | undefined): string {
  const seconds = Math.max(0, (sa?.lifetime?.seconds ?? 0) - (sa?.age ?? 0));
  const bytes = sa?.lifetime?.bytes;
  if (bytes === undefined) return `KB Vol Rekey Disabled/${seconds}`;
  return `${Math.max(0, Math.floor((bytes - (sa?.bytes ?? 0)) / 1024))}/${seconds}`;
}

const CODES = `Code: C - IKE Configuration mode, D - Dead Peer Detection
K - Keepalives, N - NAT-traversal, T - cTCP encapsulation
X - IKE Extended Authentication, F - IKE Fragmentation
R - IKE Auto Reconnect, U - IKE Dynamic Route Update
S - SIP VPN
`;

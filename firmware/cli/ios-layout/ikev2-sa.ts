/** IOS: show crypto ikev2 sa [detailed]. Source: reference/flexvpn-client.md 6.2 and 6.3 */
import type { IkeSaState } from "#state/document.ts";
import { printable } from "../table.ts";
import { addressAndMask, ikeSuite, slashed } from "./names.ts";

type Sas = readonly IkeSaState[];

/** One block an SA, IPv4 first; both titles stand there always. */
export function ikev2SaLayout(sas: Sas): string {
  return bothFamilies("SA", sas, (sa) => [...saLines(sa)]);
}

/** The same with all that IOS prints with `detailed`. */
export function ikev2SaDetailLayout(sas: Sas): string {
  return bothFamilies("SA", sas, (sa) => [...saLines(sa), ...detail(sa)]);
}

/** A title for each family, and under it the SAs whose outer addresses are of it. */
export function bothFamilies(
  title: "SA" | "Session",
  sas: Sas,
  lines: (sa: IkeSaState) => readonly string[],
): string {
  const gap = title === "SA" ? "  " : " ";
  const part = (family: 4 | 6) => {
    const blocks = sas
      .filter(({ remote }) => remote.startsWith("[") === (family === 6))
      .map((sa) => ["", ...lines(sa)]);
    return [` IPv${family} Crypto IKEv2${gap}${title}`, ...blocks.flat()];
  };
  return [...part(4), "", ...part(6)].map((line) => `${printable(line)}\n`).join("");
}

/** The row of an SA under its title line, its algorithms and its age. Columns start at 0, 10, 32, 54 and 75. */
export function saLines(sa: IkeSaState): readonly string[] {
  const [local, remote] = [slashed(sa.local), slashed(sa.remote)];
  const status = iosStatus(sa);
  const row = sa.remote.startsWith("[")
    ? [
        "Tunnel-id    fvrf/ivrf              Status",
        `${String(sa.session).padEnd(11)}none/none             ${status}`,
        `Local  ${local}`,
        `Remote  ${remote}`,
      ]
    : [
        "Tunnel-id Local                 Remote                fvrf/ivrf            Status",
        `${cell(sa.session, 10)}${cell(local, 22)}${cell(remote, 22)}none/none            ${status}`,
      ];
  return [
    ...row,
    `      ${ikeSuite(sa)}`,
    `      Life/Active Time: ${sa.lifetime ?? 0}/${sa.age} sec`,
  ];
}

function detail(sa: IkeSaState): readonly string[] {
  const [own, peer] = sa["is-initiator"]
    ? [sa["spi-initiator"], sa["spi-responder"]]
    : [sa["spi-responder"], sa["spi-initiator"]];
  const lines = [
    `CE id: 0, Session-id: ${sa.session}`,
    `Local spi: ${own.toUpperCase()}       Remote spi: ${peer.toUpperCase()}`,
    `Status Description: ${statusDescription(sa)}`,
    `Local id: ${sa["local-identity"]}`,
    `Remote id: ${sa["remote-identity"] ?? ""}`,
    ...windows(sa),
    dpdText(sa),
    fragmentation(sa),
    "Dynamic Route Update: disabled",
    "Extended Authentication not configured.",
    natText(sa.nat),
    "Cisco Trust Security SGT is disabled",
    `Initiator of SA : ${sa["is-initiator"] ? "Yes" : "No"}`,
    ...(sa.assigned?.ipv4 ? [`Pushed IP address: ${sa.assigned.ipv4}`] : []),
    ...(sa.assigned?.ipv6 ? [`Pushed IPv6 address: ${sa.assigned.ipv6}`] : []),
    ...subnets(sa),
    `PEER TYPE: ${sa["peer-vendor"] === "cisco" ? "IOS-XE" : "Other"}`,
  ];
  return lines.map((line) => `      ${line}`.trimEnd());
}

/** All but `Negotiation done` unconfirmed. */
function statusDescription(sa: IkeSaState): string {
  if (sa.state === "init-sent") return "Initiator waiting for INIT response";
  if (sa.state === "auth-sent") return "Initiator waiting for AUTH response";
  return iosStatus(sa) === "READY" ? "Negotiation done" : "Deleting IKE SA";
}

function windows(sa: IkeSaState): readonly string[] {
  const ids = sa["message-ids"] ?? { request: 0, next: 0, expected: 0, queued: 0 };
  const window = sa.window ?? { local: 0, remote: 0 };
  const row = (what: string, local: number, remote: number) =>
    `${`Local ${what}`.padEnd(19)}${String(local).padEnd(15)}${`Remote ${what}`.padEnd(20)}${remote}`;
  return [
    row("req msg id:", ids.request, ids.expected),
    row("next msg id:", ids.next, ids.expected),
    row("req queued:", ids.next + ids.queued, ids.expected),
    row("window:", window.local, window.remote),
  ];
}

/** Zeros stand for none. */
function dpdText({ dpd }: IkeSaState): string {
  const { interval, retry } = dpd && dpd.mode !== "off" ? dpd : { interval: 0, retry: 0 };
  return `DPD configured for ${interval} seconds, retry ${retry}`;
}

/** Two blanks after `not`: as IOS has it. The text for fragmentation that is on is unconfirmed. */
function fragmentation({ fragmentation: agreed }: IkeSaState): string {
  if (agreed?.mtu === undefined) return "Fragmentation not  configured.";
  return `IETF Std Fragmentation ${agreed.agreed ? "enabled" : "not negotiated"}. MTU ${agreed.mtu} bytes.`;
}

function subnets(sa: IkeSaState): readonly string[] {
  const list = sa.subnets ?? [];
  if (list.length === 0) return [];
  return ["Remote subnets:", ...list.map((prefix) => addressAndMask(prefix, " "))];
}

/** `inside` is this end. The text for both ends is unconfirmed, see reference/flexvpn-client.md 6.3. */
function natText({ local, remote }: IkeSaState["nat"]): string {
  if (!local && !remote) return "NAT-T is not detected";
  if (local && remote) return "NAT-T is detected inside and outside";
  return `NAT-T is detected ${local ? "inside" : "outside"}`;
}

/** IN-NEG and DELETE unconfirmed, see reference/flexvpn-client.md 6.2. */
function iosStatus({ state }: IkeSaState): string {
  if (state === "established" || state === "rekeying") return "READY";
  return state === "init-sent" || state === "auth-sent" ? "IN-NEG" : "DELETE";
}

/** As wide as its column, and one blank to the next where it is wider. */
function cell(value: string | number, width: number): string {
  const text = String(value);
  return text.length < width ? text.padEnd(width) : `${text} `;
}

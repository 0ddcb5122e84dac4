/** IOS: show crypto ipsec sa. One block a pair of selectors, with both directions. reference/flexvpn-client.md 6.6 */
import type { IpsecSaState, StateDocument } from "#state/document.ts";
import { printable } from "../table.ts";
import {
  addressAndMask,
  espTransform,
  groupNumber,
  ivBytes,
  spiDigits,
  splitEndpoint,
} from "./names.ts";
import { lifeLeft } from "./session.ts";

type Sources = Pick<StateDocument, "clients" | "ike" | "ipsec" | "tunnels">;

/** What is of one client and between the same selectors. */
interface Flow {
  readonly client: string;
  readonly inbound: readonly IpsecSaState[];
  readonly outbound: readonly IpsecSaState[];
  readonly local: string;
  readonly remote: string;
}

/** All SAs, under the tunnel interface that they belong to. */
export function ipsecSaLayout(state: Sources): string {
  const shown = new Set<string>();
  return flowsOf(state.ipsec)
    .map((flow) => {
      const { tunnel = "none" } = state.clients[flow.client] ?? {};
      const isFirst = !shown.has(tunnel);
      shown.add(tunnel);
      return block(flow, tunnel, isFirst, state);
    })
    .join("");
}

function flowsOf(ipsec: readonly IpsecSaState[]): readonly Flow[] {
  const groups = new Map<string, IpsecSaState[]>();
  for (const sa of ipsec) {
    const key = [sa.client, sa.selectors.local.join(), sa.selectors.remote.join()].join(" ");
    groups.set(key, [...(groups.get(key) ?? []), sa]);
  }
  return [...groups.values()].map((sas) => ({
    client: sas[0]?.client ?? "",
    inbound: sas.filter(({ direction }) => direction === "in"),
    outbound: sas.filter(({ direction }) => direction === "out"),
    local: sas[0]?.selectors.local[0] ?? "0.0.0.0/0",
    remote: sas[0]?.selectors.remote[0] ?? "0.0.0.0/0",
  }));
}

function block(flow: Flow, tunnel: string, isFirst: boolean, state: Sources): string {
  const [newest] = flow.outbound.slice(-1);
  const local = splitEndpoint(newest?.source ?? flow.inbound.at(-1)?.destination ?? "");
  const remote = splitEndpoint(newest?.destination ?? flow.inbound.at(-1)?.source ?? "");
  const { mtu = 0, "path-mtu": path = mtu } = state.tunnels[tunnel] ?? {};
  const spi = spiDigits(newest?.spi ?? "0");
  const lines = [
    ...(isFirst
      ? [
          "",
          `interface: ${tunnel}`,
          `    Crypto map tag: ${tunnel}-head-0, local addr ${local.address}`,
        ]
      : []),
    "",
    "   protected vrf: (none)",
    `   local  ident (addr/mask/prot/port): (${ident(flow.local)})`,
    `   remote ident (addr/mask/prot/port): (${ident(flow.remote)})`,
    `   current_peer ${remote.address} port ${remote.port ?? 500}`,
    "     PERMIT, flags={origin_is_acl,}",
    ...counters(flow, state.tunnels[tunnel]?.traffic),
    "",
    `     local crypto endpt.: ${local.address}, remote crypto endpt.: ${remote.address}`,
    `     plaintext mtu ${mtu}, path mtu ${path}, ip mtu ${path}, ip mtu idb ${state.clients[flow.client]?.source ?? "(none)"}`,
    `     current outbound spi: 0x${spi}(${Number.parseInt(spi, 16)})`,
    `     PFS (Y/N): ${pfs(newest, state)}`,
    "",
    ...direction("inbound", flow.inbound, tunnel, flow),
    "",
    ...direction("outbound", flow.outbound, tunnel, flow),
  ];
  return lines.map((line) => `${printable(line)}\n`).join("");
}

/** IOS has no place for several selectors of one SA: the first stands for all. */
function ident(prefix: string): string {
  return prefix.includes(":") ? `${prefix}/0/0` : `${addressAndMask(prefix, "/")}/0/0`;
}

/** The kernel does in one step what IOS counts in three. */
function counters(
  { inbound, outbound }: Flow,
  traffic: StateDocument["tunnels"][string]["traffic"],
): readonly string[] {
  const sum = (sas: readonly IpsecSaState[], count: (sa: IpsecSaState) => number) =>
    sas.reduce((amount, sa) => amount + count(sa), 0);
  const [out, into] = [
    sum(outbound, ({ packets }) => packets),
    sum(inbound, ({ packets }) => packets),
  ];
  const drops = sum(inbound, (sa) => sa["replay-drops"] + sa["integrity-failures"]);
  return [
    `    #pkts encaps: ${out}, #pkts encrypt: ${out}, #pkts digest: ${out}`,
    `    #pkts decaps: ${into}, #pkts decrypt: ${into}, #pkts verify: ${into}`,
    "    #pkts compressed: 0, #pkts decompressed: 0",
    "    #pkts not compressed: 0, #pkts compr. failed: 0",
    "    #pkts not decompressed: 0, #pkts decompress failed: 0",
    `    #send errors ${traffic?.["errors-out"] ?? 0}, #recv errors ${drops}`,
  ];
}

function pfs(newest: IpsecSaState | undefined, { ike }: Sources): string {
  const own = spiDigits(newest?.spi ?? "");
  const child = ike
    .flatMap(({ children }) => children)
    .find((each) => spiDigits(each["spi-out"]) === own);
  const group = groupNumber(child?.["key-exchange"]);
  return group === 0 ? "N, DH group: none" : `Y, DH group: group${group}`;
}

/** The three protocols of one direction; AH and compression are never there. */
function direction(
  name: "inbound" | "outbound",
  sas: readonly IpsecSaState[],
  tunnel: string,
  flow: Flow,
): readonly string[] {
  const hasReplayCheck = flow.inbound.some((sa) => sa["replay-window"] > 0);
  return [
    `     ${name} esp sas:`,
    ...sas.flatMap((sa, index) => saLines(sa, index, tunnel, hasReplayCheck)),
    "",
    `     ${name} ah sas:`,
    "",
    `     ${name} pcp sas:`,
  ];
}

/** The numbers of IOS's own crypto engine have no twin here: position in the list, and flags of zero. */
function saLines(
  sa: IpsecSaState,
  index: number,
  tunnel: string,
  hasReplayCheck: boolean,
): readonly string[] {
  const spi = spiDigits(sa.spi);
  const id = 2 * index + (sa.direction === "in" ? 1 : 2);
  return [
    `      spi: 0x${spi}(${Number.parseInt(spi, 16)})`,
    `        transform: ${espTransform(sa)}`,
    `        in use settings ={${settings(sa)}}`,
    `        conn id: ${id}, flow_id: XFRM:${id}, sibling_flags 00000000, crypto map: ${tunnel}-head-0`,
    `        sa timing: remaining key lifetime (k/sec): (${lifeLeft(sa)})`,
    `        IV size: ${ivBytes(sa)} bytes`,
    `        replay detection support: ${hasReplayCheck ? "Y" : "N"}`,
    "        Status: ACTIVE(ACTIVE)",
  ];
}

function settings(sa: IpsecSaState): string {
  const mode = sa.mode === "tunnel" ? "Tunnel" : "Transport";
  return `${mode}${sa["udp-encapsulation"] ? " UDP-Encaps" : ""}, ${sa.esn ? "esn, " : ""}`;
}

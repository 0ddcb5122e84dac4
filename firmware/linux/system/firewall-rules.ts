/** The appliance's own firewall as one transaction for `nft -j -f -`. Sources: libnftables-json(5), nft(8) */
import type { SystemFirewall } from "#system/firewall.ts";
import { accept, compare, meta, type NftCommand, type NftExpression } from "../nft/nft-json.ts";

const TABLE = { family: "inet", name: "flexspoke-system" };
const IN_TABLE = { family: "inet", table: TABLE.name };
/** What the image puts in place before anything else runs. */
const FIRST = { family: "inet", name: "flexspoke-first" };

type Rule = readonly NftExpression[];

/** Replaces the table as a whole; packets meet the old rules or the new ones, never none. */
export function systemFirewallTransaction(firewall: SystemFirewall): readonly NftCommand[] {
  const chains = [
    { chain: chain("input", "filter", "input", 0, "drop"), rules: inputRules(firewall) },
    { chain: chain("through", "filter", "forward", 0, "drop"), rules: forwardRules(firewall) },
    { chain: chain("out", "nat", "postrouting", 100, "accept"), rules: natRules(firewall) },
  ];
  return [
    { add: { table: TABLE } },
    { delete: { table: TABLE } },
    { add: { table: TABLE } },
    ...chains.map((each) => ({ add: { chain: { ...IN_TABLE, ...each.chain } } })),
    ...chains.flatMap((each) =>
      each.rules.map((expr) => ({ add: { rule: { ...IN_TABLE, chain: each.chain.name, expr } } })),
    ),
    { add: { table: FIRST } },
    { delete: { table: FIRST } },
  ];
}

function chain(name: string, type: string, hook: string, prio: number, policy: string) {
  return { name, type, hook, prio, policy };
}

function inputRules({ lan, tunnels, lanPorts, innerPorts }: SystemFirewall): readonly Rule[] {
  const inner = [...(lan === undefined ? [] : [lan]), ...tunnels];
  return [
    [compare("==", meta("iifname"), "lo"), accept],
    [established, accept],
    [compare("==", ctState, "invalid"), { drop: null }],
    [compare("==", meta("l4proto"), { set: ["icmp", "ipv6-icmp"] }), limited, accept],
    // IKE, ESP and the answers of DHCP servers, which connection tracking does not know.
    [compare("==", payload("udp", "dport"), { set: [500, 4_500, 546] }), accept],
    [
      compare("==", payload("udp", "sport"), 67),
      compare("==", payload("udp", "dport"), 68),
      accept,
    ],
    [compare("==", meta("l4proto"), "esp"), accept],
    ...(lan === undefined ? [] : [lan]).flatMap((name) =>
      lanPorts.map(({ protocol, port }) => [
        from(name),
        compare("==", payload(protocol, "dport"), port),
        accept,
      ]),
    ),
    ...inner.flatMap((name) =>
      innerPorts.map(({ protocol, port }) => [
        from(name),
        compare("==", payload(protocol, "dport"), port),
        accept,
      ]),
    ),
  ];
}

function forwardRules({ wans, lan, tunnels, internet }: SystemFirewall): readonly Rule[] {
  if (lan === undefined) return [[established, accept]];
  return [
    [established, accept],
    [from(lan), to(lan), accept],
    ...tunnels.map((tunnel) => [from(lan), to(tunnel), accept]),
    // From the hub's side to hosts of the LAN: where their addresses are translated, nobody knows them.
    ...tunnels.map((tunnel) => [from(tunnel), to(lan), accept]),
    ...(internet ? wans.map((wan) => [from(lan), to(wan), accept]) : []),
  ];
}

function natRules({ wans, internet }: SystemFirewall): readonly Rule[] {
  return internet ? wans.map((wan) => [to(wan), { masquerade: null }]) : [];
}

const ctState: NftExpression = { ct: { key: "state" } };
const established = { match: { op: "in", left: ctState, right: ["established", "related"] } };
const limited: NftExpression = { limit: { rate: 100, burst: 200, per: "second" } };
const from = (name: string) => compare("==", meta("iifname"), name);
const to = (name: string) => compare("==", meta("oifname"), name);

function payload(protocol: "tcp" | "udp", field: string): NftExpression {
  return { payload: { protocol, field } };
}

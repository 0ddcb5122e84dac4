/**
 * The desired firewall as transactions for `nft -j -f -`, each applied by the kernel as a whole or not at all. It decides
 * which packets pass, and runs nothing. Sources: libnftables-json(5), nft(8)
 *
 * Four chains, each there only when it has rules: the kill switch on forwarded and on local packets, the MSS clamp, and
 * source NAT. None looks at connection tracking state to decide what may pass, so that replies and old flows are held
 * to the same rules.
 */

import type { Firewall } from "#dataplane/desired.ts";
import { NFT_TABLE } from "#dataplane/ownership.ts";
import { counterName } from "./counter-name.ts";
import { killSwitchRules } from "./kill-switch-rules.ts";
import {
  compare,
  count,
  isFamily,
  meta,
  type NftChain,
  type NftCommand,
  type NftExpression,
} from "./nft-json.ts";

/** What our table holds now; chains and counters by name. */
export interface ExistingTable {
  readonly chains: readonly string[];
  readonly counters: readonly string[];
}

/** Everything that the table should hold. */
interface Ruleset {
  readonly counters: readonly string[];
  readonly chains: readonly { readonly chain: NftChain; readonly rules: readonly Rule[] }[];
}

type Rule = readonly NftExpression[];

/**
 * Makes the table hold exactly what `firewall` says, and keeps the counters that stay. Packets meet the old rules or the
 * new ones, never none.
 * @param existing what is there; undefined when unknown, which leaves empty chains and unused counters behind.
 */
export function updateTransaction(
  firewall: Firewall,
  existing: ExistingTable | undefined,
): readonly NftCommand[] {
  const wanted = ruleset(firewall);
  if (wanted.chains.length === 0) return removeTransaction();
  const chainNames = wanted.chains.map(({ chain }) => chain.name);
  return [
    addTable,
    { flush: { table: TABLE } },
    ...(existing?.chains ?? [])
      .filter((name) => !chainNames.includes(name))
      .map((name) => ({ delete: { chain: { ...IN_TABLE, name } } })),
    ...(existing?.counters ?? [])
      .filter((name) => !wanted.counters.includes(name))
      .map((name) => ({ delete: { counter: { ...IN_TABLE, name } } })),
    ...contents(wanted),
  ];
}

/** What the table holds once `firewall` has been applied to a table that was known. */
export function tableContents(firewall: Firewall): ExistingTable {
  const { chains, counters } = ruleset(firewall);
  return chains.length === 0
    ? { chains: [], counters: [] }
    : { chains: chains.map(({ chain }) => chain.name), counters };
}

/** Makes the table hold exactly what `firewall` says, whatever it held; counters start at zero. */
export function replaceTransaction(firewall: Firewall): readonly NftCommand[] {
  const wanted = ruleset(firewall);
  return wanted.chains.length === 0
    ? removeTransaction()
    : [...removeTransaction(), addTable, ...contents(wanted)];
}

/** Removes the table; adding it first makes that work when there is none. */
export function removeTransaction(): readonly NftCommand[] {
  return [addTable, { delete: { table: TABLE } }];
}

/** Removes all but the kill switch, whose rules are not touched; the table as well when there is no kill switch. */
export function keepKillSwitchTransaction(existing: ExistingTable): readonly NftCommand[] {
  const isKillSwitch = (name: string) => name.startsWith("kill-switch");
  if (!existing.chains.some(isKillSwitch)) return removeTransaction();
  const goners = existing.chains.filter((name) => !isKillSwitch(name));
  return [
    ...goners.map((name) => ({ flush: { chain: { ...IN_TABLE, name } } })),
    ...goners.map((name) => ({ delete: { chain: { ...IN_TABLE, name } } })),
    ...existing.counters
      .filter((name) => !isKillSwitch(name))
      .map((name) => ({ delete: { counter: { ...IN_TABLE, name } } })),
  ];
}

const TABLE = { family: "inet", name: NFT_TABLE };
const IN_TABLE = { family: "inet", table: NFT_TABLE };
const addTable: NftCommand = { add: { table: TABLE } };

function contents({ counters, chains }: Ruleset): readonly NftCommand[] {
  return [
    ...counters.map((name) => ({ add: { counter: { ...IN_TABLE, name } } })),
    ...chains.map(({ chain }) => ({ add: { chain: { ...IN_TABLE, ...chain } } })),
    ...chains.flatMap(({ chain, rules }) =>
      rules.map((expr) => ({ add: { rule: { ...IN_TABLE, chain: chain.name, expr } } })),
    ),
  ];
}

function ruleset(firewall: Firewall): Ruleset {
  const killSwitch = killSwitchRules(firewall.killSwitch);
  const chains = [
    { chain: hookChains.killSwitchForward, rules: killSwitch.forward },
    { chain: hookChains.killSwitchOutput, rules: killSwitch.output },
    { chain: hookChains.mss, rules: firewall.mss.flatMap(mssRules) },
    { chain: hookChains.sourceNat, rules: firewall.nat.flatMap(natRules) },
  ];
  const counters = [
    ...killSwitch.counters,
    ...firewall.nat.map(({ tunnel }) => counterName("source-nat", tunnel)),
  ];
  return {
    counters: [...new Set(counters)],
    chains: chains.filter(({ rules }) => rules.length > 0),
  };
}

/** `fwd` and its like are words of nft's grammar: none is used as a name. */
const hookChains = {
  killSwitchForward: hookChain("kill-switch-forward", "filter", "forward", 0),
  killSwitchOutput: hookChain("kill-switch-output", "filter", "output", 0),
  mss: hookChain("mss", "filter", "forward", -150),
  // One before the usual place: the first NAT rule that fits a flow decides, and a router's own masquerading may fit all.
  sourceNat: hookChain("source-nat", "nat", "postrouting", 99),
} as const;

function hookChain(name: string, type: NftChain["type"], hook: string, prio: number): NftChain {
  return { name, type, hook, prio, policy: "accept" };
}

/** Lowers the MSS of connections through the tunnel, whichever end opens them. The kernel never raises one. */
function mssRules({ tunnel, ipv4, ipv6 }: Firewall["mss"][number]): readonly Rule[] {
  const families = [
    [4, ipv4],
    [6, ipv6],
  ] as const;
  return families.flatMap(([family, bytes]) =>
    (["oifname", "iifname"] as const).map((side) => [
      isFamily(family),
      compare("==", meta(side), tunnel),
      compare(
        "==",
        { "&": [{ payload: { protocol: "tcp", field: "flags" } }, ["syn", "rst"]] },
        "syn",
      ),
      { mangle: { key: { "tcp option": { name: "maxseg", field: "size" } }, value: bytes } },
    ]),
  );
}

/**
 * Translates what came in by the inside interfaces; the kernel knows the input interface here since 5.7. When an address
 * leaves the tunnel, the kernel itself forgets the flows that were translated to it.
 */
function natRules({ inside, tunnel }: Firewall["nat"][number]): readonly Rule[] {
  return inside.map((name) => [
    compare("==", meta("iifname"), name),
    compare("==", meta("oifname"), tunnel),
    count(counterName("source-nat", tunnel)),
    { masquerade: null },
  ]);
}

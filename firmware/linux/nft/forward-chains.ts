/** Chains of other tables that drop what is forwarded and not let through: a LAN may not reach its tunnel for them. */
import { NFT_TABLE } from "#dataplane/ownership.ts";
import { listRuleset } from "./nft-program.ts";

/**
 * @param names interfaces that a rule may speak of.
 * @returns chains at the forward hook whose policy is drop and in whose table no rule speaks of any of them; empty when nft can't tell.
 */
export async function droppingForwardChains(names: readonly string[]): Promise<readonly string[]> {
  const listed = await listRuleset();
  return listed === undefined ? [] : chainsIn(listed, names);
}

/** The same, out of what `nft -j list ruleset` wrote. libnftables-json(5) */
export function chainsIn(ruleset: unknown, names: readonly string[]): readonly string[] {
  const { nftables = [] } = ruleset as { readonly nftables?: readonly Entry[] };
  return nftables.flatMap(({ chain }) => {
    if (!chain || chain.table === NFT_TABLE) return [];
    if (chain.hook !== "forward" || chain.policy !== "drop") return [];
    const rules = nftables.filter(
      ({ rule, set }) =>
        (rule ?? set)?.table === chain.table && (rule ?? set)?.family === chain.family,
    );
    const text = JSON.stringify(rules);
    const isNamed = names.some((name) => text.includes(JSON.stringify(name)));
    return isNamed ? [] : [`${chain.family} ${chain.table} ${chain.name}`];
  });
}

interface InTable {
  readonly family: string;
  readonly table: string;
}

interface Entry {
  readonly chain?: InTable & {
    readonly name: string;
    readonly hook?: string;
    readonly policy?: string;
  };
  readonly rule?: InTable;
  readonly set?: InTable;
}

/** The few words of nft's JSON that our rules are made of. It knows no rule. Source: libnftables-json(5) */
import type { IpFamily } from "#lib/ip.ts";

/** One command of a transaction: `{ add: { rule: … } }`. */
export type NftCommand = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
/** A statement or an expression of a rule. */
export type NftExpression = Readonly<Record<string, unknown>>;

/** A chain on a netfilter hook; lower `prio` runs first. */
export interface NftChain {
  readonly name: string;
  readonly type: "filter" | "nat";
  readonly hook: string;
  readonly prio: number;
  readonly policy: "accept";
}

/** `left == right`, `left != right` */
export function compare(op: "==" | "!=", left: NftExpression, right: unknown): NftExpression {
  return { match: { op, left, right } };
}

/** A property of the packet: the name of the interface it came by or leaves by, its IP family, its protocol. */
export function meta(key: "iifname" | "oifname" | "nfproto" | "l4proto"): NftExpression {
  return { meta: { key } };
}

/** Only packets of this family. */
export function isFamily(family: IpFamily): NftExpression {
  return compare("==", meta("nfproto"), family === 4 ? "ipv4" : "ipv6");
}

/** Counts the packet in a named counter. */
export function count(name: string): NftExpression {
  return { counter: name };
}

export const drop: NftExpression = { drop: null };
export const accept: NftExpression = { accept: null };

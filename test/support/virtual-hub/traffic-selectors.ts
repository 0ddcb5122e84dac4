/** How the virtual hub narrows traffic selectors. RFC 7296 §2.9 */
import { compareBytes } from "#lib/bytes.ts";
import {
  type IpAddress,
  ipBytes,
  ipFromBytes,
  type Prefix,
  prefixRange,
  rangeToPrefixes,
} from "#lib/ip.ts";
import type { WireSelector } from "./wire.ts";

/** Selectors for whole networks, any protocol and port. */
export function selectorsOf(prefixes: readonly Prefix[]): WireSelector[] {
  return prefixes.map((prefix) => {
    const { first, last } = prefixRange(prefix);
    return rangeSelector(ipBytes(first), ipBytes(last));
  });
}

/** What both lists allow, in the order of `offered`, without repeats. */
export function narrow(
  offered: readonly WireSelector[],
  allowed: readonly WireSelector[],
): WireSelector[] {
  const both: WireSelector[] = [];
  for (const a of offered) {
    for (const b of allowed) {
      if (a.first.length !== b.first.length) continue;
      const first = compareBytes(a.first, b.first) > 0 ? a.first : b.first;
      const last = compareBytes(a.last, b.last) < 0 ? a.last : b.last;
      if (compareBytes(first, last) > 0) continue;
      const isKnown = both.some(
        (c) => compareBytes(c.first, first) === 0 && compareBytes(c.last, last) === 0,
      );
      if (!isKnown) both.push({ ...a, first, last });
    }
  }
  return both;
}

/** The same as prefixes, for comparing with what the branch installed. */
export function toPrefixes(selectors: readonly WireSelector[]): Prefix[] {
  return selectors.flatMap(({ first, last }) => [
    ...rangeToPrefixes(ipFromBytes(first), ipFromBytes(last)),
  ]);
}

/** A selector of exactly one address. */
export function hostSelector(address: IpAddress): WireSelector {
  return rangeSelector(ipBytes(address), ipBytes(address));
}

function rangeSelector(first: Uint8Array, last: Uint8Array): WireSelector {
  return { ipProtocol: 0, startPort: 0, endPort: 65_535, first, last };
}

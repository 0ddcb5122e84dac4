import {
  ipBytes,
  ipFamily,
  ipFromBytes,
  type Prefix,
  prefixContains,
  prefixOf,
  splitPrefix,
} from "./ip.ts";

/** Drops every prefix that another one of the list contains; the order of what stays is kept. */
export function withoutContained(prefixes: readonly Prefix[]): readonly Prefix[] {
  return prefixes.filter(
    (prefix, index) =>
      !prefixes.some(
        (other, at) =>
          at !== index && prefixContains(other, prefix) && (other !== prefix || at < index),
      ),
  );
}

/** The addresses that are in a prefix of both lists, as prefixes, none inside another. */
export function intersectPrefixes(
  left: readonly Prefix[],
  right: readonly Prefix[],
): readonly Prefix[] {
  const shared = left.flatMap((a) =>
    right.flatMap((b) => (prefixContains(a, b) ? [b] : prefixContains(b, a) ? [a] : [])),
  );
  return withoutContained(shared);
}

/** The addresses of `prefixes` that are in none of `holes`, as the fewest prefixes each prefix can be cut into. */
export function subtractPrefixes(
  prefixes: readonly Prefix[],
  holes: readonly Prefix[],
): readonly Prefix[] {
  let rest = prefixes;
  for (const hole of holes) rest = rest.flatMap((prefix) => cut(prefix, hole));
  return rest;
}

/** Halves of a prefix, lower first; undefined for a single address. */
export function halves(prefix: Prefix): readonly [Prefix, Prefix] | undefined {
  const { address, length } = splitPrefix(prefix);
  const longest = ipFamily(prefix) === 4 ? 32 : 128;
  if (length >= longest) return undefined;
  return [prefixOf(address, length + 1), upperHalf(prefix, length)];
}

function cut(prefix: Prefix, hole: Prefix): readonly Prefix[] {
  if (prefixContains(hole, prefix)) return [];
  if (!prefixContains(prefix, hole)) return [prefix];
  return (halves(prefix) ?? []).flatMap((half) => cut(half, hole));
}

function upperHalf(prefix: Prefix, length: number): Prefix {
  const { address } = splitPrefix(prefix);
  const bytes = ipBytes(address).slice();
  bytes[length >> 3] = (bytes[length >> 3] ?? 0) | (0x80 >> (length & 7));
  return prefixOf(ipFromBytes(bytes), length + 1);
}

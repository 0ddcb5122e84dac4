/**
 * Names of the counters in our nftables table: what they count and whose, in one word that nft's grammar takes back
 * from its own listing. Source: nft(8), LEXICAL CONVENTIONS
 */

/** What a counter of ours counts. `kill-switch`: packets dropped for a client; `source-nat`: flows translated for a tunnel. */
export type CounterKind = "kill-switch" | "source-nat";

/** `kill-switch.hq`; bytes of `owner` other than letters, digits and hyphens become `_` and two hexadecimal digits. */
export function counterName(kind: CounterKind, owner: string): string {
  const word = Buffer.from(owner, "utf8").reduce((text, byte) => {
    const character = String.fromCharCode(byte);
    return text + (PLAIN.test(character) ? character : `_${byte.toString(16).padStart(2, "0")}`);
  }, "");
  return `${kind}.${word}`;
}

/** What `counterName` was given; undefined when the name is not one of ours. */
export function parseCounterName(
  name: string,
): { readonly kind: CounterKind; readonly owner: string } | undefined {
  const match = /^(kill-switch|source-nat)\.((?:[A-Za-z0-9-]|_[0-9a-f]{2})+)$/.exec(name);
  const [, kind, word] = match ?? [];
  if (kind === undefined || word === undefined) return undefined;
  const bytes = [...word.matchAll(/_([0-9a-f]{2})|(.)/g)].map(([, hex, plain]) =>
    hex === undefined ? (plain ?? "").charCodeAt(0) : Number.parseInt(hex, 16),
  );
  return { kind: kind as CounterKind, owner: Buffer.from(bytes).toString("utf8") };
}

const PLAIN = /[A-Za-z0-9-]/;

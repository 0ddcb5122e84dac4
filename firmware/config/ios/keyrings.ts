/** Which key of the router's keyrings belongs to which hub. IOS: crypto ikev2 keyring */
import { type Prefix, parseIpAddress, parsePrefix, prefixContains, splitPrefix } from "#lib/ip.ts";
import { prefixFromMask } from "./masks.ts";
import { idOf, type Section, valueIn } from "./read-sections.ts";
import { type RouterSecret, routerSecret } from "./secret-files.ts";
import { lineOf, linesOf, namedSection, type Work } from "./work.ts";

/** The keys of both ends for one hub, and the lines that say so. */
export interface KeyPair {
  readonly local: RouterSecret | undefined;
  readonly remote: RouterSecret | undefined;
  readonly lines: readonly Section[];
}

/** A hub as a client's peer names it. */
export interface HubName {
  readonly host: string;
  /** What its profile says that it calls itself. */
  readonly identities: readonly string[];
}

/**
 * The keys for a hub: the block of the keyring whose address, host name or identity fits best; the only block where none
 * does. Undefined when there is no such keyring or no block for the hub.
 */
export function keysFor(work: Work, keyring: string, hub: HubName): KeyPair | undefined {
  const section = namedSection(work, "keyring", keyring);
  const blocks = linesOf(section, "peer").filter((block) =>
    lineOf(block, "key", "local", "remote"),
  );
  const ranked = blocks
    .map((block) => ({ block, rank: rankOf(block, hub) }))
    .filter(({ rank }) => rank >= 0)
    .sort((a, b) => b.rank - a.rank);
  const block = ranked[0]?.block ?? (blocks.length === 1 ? blocks[0] : undefined);
  if (!section || !block) return undefined;
  const both = lineOf(block, "key");
  const [local, remote] = [lineOf(block, "local") ?? both, lineOf(block, "remote") ?? both];
  const said = linesOf(block, "address", "prefix", "hostname", "identity");
  return {
    local: local && routerSecret(local, valueIn(local, "key")),
    remote: remote && routerSecret(remote, valueIn(remote, "key")),
    lines: [section, block, ...said, ...[local, remote].filter((line) => line !== undefined)],
  };
}

/** How well a block fits: its longest prefix, or above all of them a name; below zero when it does not. */
function rankOf(block: Section, { host, identities }: HubName): number {
  const address = parseIpAddress(host);
  const ranks = linesOf(block, "address", "prefix", "hostname", "identity").map((line) => {
    if (idOf(line) === "hostname") return isSame(valueIn(line, "name"), host) ? 200 : -1;
    if (idOf(line) === "identity") {
      const wanted = valueIn(line, "value").replace(/^domain\s+/i, "");
      const fits = identities.some((identity) =>
        identity.toLowerCase().endsWith(wanted.toLowerCase()),
      );
      return fits || isSame(wanted, host) ? 150 : -1;
    }
    const prefix = blockPrefix(line);
    if (prefix === undefined) return -1;
    if (address && prefixContains(prefix, address)) return splitPrefix(prefix).length;
    return !address && splitPrefix(prefix).length === 0 ? 0 : -1;
  });
  return Math.max(-1, ...ranks);
}

function blockPrefix(line: Section): Prefix | undefined {
  if (idOf(line) === "prefix") return parsePrefix(valueIn(line, "prefix"));
  const mask = valueIn(line, "mask");
  const address = valueIn(line, "address");
  return mask === "" ? parsePrefix(address) : prefixFromMask(address, mask);
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

/**
 * What there is to try, as words that can be compared: a word that was not there before is a reason to try again at once,
 * without waiting for the back-off to end.
 */
import type { ClientMemory } from "./client-memory.ts";
import type { ClientContext } from "./context.ts";
import type { PeerEntry } from "./peer-list.ts";
import { wayKey } from "./ways.ts";

/** Each open way with the addresses of its source and those of the peer that nobody of the group uses; without a source list, the interfaces by which one may leave. */
export function chancesOf(memory: ClientMemory, context: ClientContext): ReadonlySet<string> {
  const addresses = (name: string | undefined) =>
    name === undefined ? "" : (context.interfaces.get(name)?.addresses.join() ?? "");
  const { name } = memory.config;
  const free = (peer: PeerEntry) =>
    memory.resolved.get(peer.key)?.filter((address) => !context.takenBy(name, address)) ?? [];
  const ways = memory.ways.open.map((way) =>
    [wayKey(way), addresses(way.source), ...free(way.peer)].join(" "),
  );
  if (memory.sources.length > 0) return new Set(ways);
  const outside = [...context.interfaces].filter(
    ([name, { isUp, addresses: own }]) =>
      isUp && own.length > 0 && !context.tunnels.has(name) && !memory.config.inside.includes(name),
  );
  return new Set([...ways, ...outside.map(([name]) => `${name} ${addresses(name)}`)]);
}

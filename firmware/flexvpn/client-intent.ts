/** What a client wants in the kernel, as its memory stands. It states wishes; `compose.ts` puts them together with SAs. */
import { type IpAddress, type Prefix, prefixOf, splitPrefix } from "#lib/ip.ts";
import type { TunnelIntent } from "./actions.ts";
import type { Beside } from "./beside.ts";
import type { ClientMemory } from "./client-memory.ts";
import type { ClientContext } from "./context.ts";
import type { Interfaces } from "./source-selection.ts";

/** The intent of a client as it stands. */
export function intentOf(
  memory: ClientMemory,
  beside: Beside,
  { interfaces }: ClientContext,
): TunnelIntent {
  const { config, tunnel, state, source, learnt } = memory;
  const standby = beside.standby.session;
  return {
    client: config.name,
    tunnel,
    inside: config.inside,
    nat: config.nat,
    routes: config.routes,
    killSwitch: config.killSwitch,
    ...(state.status === "up" ? { carrier: carrierOf(state) } : {}),
    ...(standby === undefined ? {} : { standby }),
    ...(source === undefined ? {} : { source }),
    hubs: hubsOf(memory, beside),
    learnt,
    insideNetworks: config.inside.flatMap((name) => networksOf(interfaces, name)),
  };
}

/** Every address by which a hub is or may be reached. */
function hubsOf(memory: ClientMemory, beside: Beside): readonly IpAddress[] {
  const { peers, resolved, open } = memory;
  const addresses = peers.flatMap((peer) =>
    peer.target.kind === "address" ? [peer.target.address] : (resolved.get(peer.key) ?? []),
  );
  const used = [...(open === undefined ? [] : [open.address]), ...beside.addresses];
  return [...new Set([...addresses, ...used])].sort();
}

function networksOf(interfaces: Interfaces, name: string): readonly Prefix[] {
  const addresses = interfaces.get(name)?.addresses ?? [];
  return addresses.map((each) => prefixOf(splitPrefix(each).address, splitPrefix(each).length));
}

function carrierOf(
  state: Extract<ClientMemory["state"], { status: "up" }>,
): NonNullable<TunnelIntent["carrier"]> {
  const { open, outcome, underlay } = state;
  return { session: open.session, outcome, ...(underlay === undefined ? {} : { underlay }) };
}

/**
 * What the kernel's main table has for the prefixes that somebody asks about, told when it changes. A notification that may
 * concern one of them makes it read the table anew, so that what is told is always what is there: the kernel says nothing
 * of the IPv4 routes that go with an interface, and little of a next hop among several. Source: `rtnetlink(7)`.
 */
import type { DataPlaneFault } from "#dataplane/port.ts";
import { type IpAddress, ipFamily, type Prefix } from "#lib/ip.ts";
import { socketFault } from "../kernel-fault.ts";
import type { NetlinkMessage } from "../netlink/codec.ts";
import { family, NetlinkSocket } from "../netlink/socket.ts";
import { decodeLink, dumpLinks } from "./link-codec.ts";
import { decodeTableRoute, type NextHop, type TableRoute } from "./next-hop-codec.ts";
import { dumpRoutes } from "./route-codec.ts";
import { MAIN_TABLE, message, monitorGroup } from "./uapi.ts";

/** The route that the kernel uses for exactly a prefix. */
export interface WatchedRoute {
  readonly metric: number;
  /** Made by the kernel of an interface's address. */
  readonly isConnected: boolean;
  readonly device?: string;
  readonly gateway?: IpAddress;
}

/** What is so for a prefix: a route that can be used, or why there is none. */
export interface PrefixNews {
  readonly prefix: Prefix;
  readonly route?: WatchedRoute;
  /** A clause: `no route to 10.0.0.0/8`. */
  readonly why?: string;
  /** Interface that is down and so took the route with it. */
  readonly lostDevice?: string;
}

export interface RouteListener {
  readonly changed: (news: PrefixNews) => void;
  /** Called once each time the kernel can't be asked; facts stay what they were. */
  readonly fault: (fault: DataPlaneFault) => void;
}

interface Sockets {
  readonly request: NetlinkSocket;
  readonly monitor: NetlinkSocket;
}

interface Link {
  readonly name: string;
  readonly isRunning: boolean;
}

export class RouteMonitor {
  readonly #listener: RouteListener;
  readonly #told = new Map<Prefix, PrefixNews>();
  #watched: ReadonlySet<Prefix> = new Set();
  #links = new Map<number, Link>();
  #sockets: Sockets | undefined;
  #isStale = false;
  #isReading = false;
  #isClosed = false;

  constructor(listener: RouteListener) {
    this.#listener = listener;
  }

  /** Tells of these prefixes from now on, and of each of them once what is so now. No socket is open while there are none. */
  watch(prefixes: Iterable<Prefix>): void {
    this.#watched = new Set(prefixes);
    this.#told.clear();
    if (this.#watched.size > 0) this.#readSoon();
    else this.#closeSockets();
  }

  /** Nothing is told after this. */
  close(): void {
    this.#isClosed = true;
    this.#closeSockets();
  }

  #closeSockets(): void {
    this.#sockets?.request.close();
    this.#sockets?.monitor.close();
    this.#sockets = undefined;
  }

  #open(): Sockets | undefined {
    if (this.#sockets) return this.#sockets;
    const request = NetlinkSocket.open(family.route);
    const monitor = NetlinkSocket.open(family.route);
    if (request.ok && monitor.ok) {
      const sockets = { request: request.value, monitor: monitor.value };
      const refused = sockets.monitor.subscribe(Object.values(monitorGroup), {
        message: (message) => this.#hear(message),
        overflow: () => this.#readSoon(),
      });
      // A kernel without next hop objects does not know their group.
      if (refused.every((group) => group === monitorGroup.nextHop)) {
        this.#sockets = sockets;
        return sockets;
      }
    }
    const error = !request.ok ? request.error : !monitor.ok ? monitor.error : { errno: "EPERM" };
    for (const socket of [request, monitor]) if (socket.ok) socket.value.close();
    this.#listener.fault(socketFault("listen to changes of the routing table", error));
    return undefined;
  }

  #hear({ type, payload }: NetlinkMessage): void {
    switch (type) {
      case message.newRoute:
      case message.deleteRoute: {
        const route = decodeTableRoute(payload);
        if (route && route.table === MAIN_TABLE && this.#watched.has(route.prefix))
          this.#readSoon();
        break;
      }
      case message.newLink:
      case message.deleteLink: {
        const link = decodeLink(payload);
        const known = link && this.#links.get(link.index);
        const isRunning = type === message.newLink && link?.isRunning === true;
        if (link && (known?.isRunning !== isRunning || known.name !== link.name)) this.#readSoon();
        break;
      }
      // Addresses that go take routes with them, and so do next hop objects.
      default:
        this.#readSoon();
    }
  }

  /** One reading at a time; what is heard meanwhile leads to another. A burst is read once. */
  #readSoon(): void {
    this.#isStale = true;
    if (this.#isReading || this.#isClosed) return;
    this.#isReading = true;
    setImmediate(() => void this.#readUntilFresh());
  }

  async #readUntilFresh(): Promise<void> {
    try {
      while (this.#isStale && !this.#isClosed && this.#watched.size > 0) {
        const sockets = this.#open();
        if (!sockets) return;
        this.#isStale = false;
        const fault = await this.#read(sockets);
        if (fault && this.#sockets === sockets) this.#listener.fault(fault);
      }
    } finally {
      this.#isReading = false;
    }
  }

  async #read({ request }: Sockets): Promise<DataPlaneFault | undefined> {
    const watched = this.#watched;
    const best = new Map<Prefix, Seen>();
    const links = await request.dump(dumpLinks(), ({ payload }) => decodeLink(payload));
    if (!links.ok) return socketFault("read the interfaces from the kernel", links.error);
    const byIndex = new Map(
      links.value.map(({ index, name, isRunning }) => [index, { name, isRunning }]),
    );
    for (const version of [4, 6] as const) {
      if (![...watched].some((prefix) => ipFamily(prefix) === version)) continue;
      const answer = await request.dump(dumpRoutes(version), ({ payload }) => {
        const route = decodeTableRoute(payload);
        if (route?.table === MAIN_TABLE && watched.has(route.prefix)) note(best, route, byIndex);
        return undefined;
      });
      if (!answer.ok) return socketFault("read the routes from the kernel", answer.error);
    }
    this.#links = byIndex;
    // What is asked about may be another by now; it is read again then.
    if (watched === this.#watched)
      for (const prefix of watched) this.#tell(prefix, best.get(prefix));
    return undefined;
  }

  #tell(prefix: Prefix, seen: Seen | undefined): void {
    const before = this.#told.get(prefix);
    const news = newsOf(prefix, seen, before, this.#links);
    if (before && JSON.stringify(before) === JSON.stringify(news)) return;
    this.#told.set(prefix, news);
    if (!this.#isClosed) this.#listener.changed(news);
  }
}

/** The best route to a prefix so far; one that can be used is better than one that can't. */
interface Seen {
  readonly route: TableRoute;
  readonly hop: NextHop | undefined;
  readonly device: string | undefined;
}

function note(best: Map<Prefix, Seen>, route: TableRoute, links: ReadonlyMap<number, Link>): void {
  const isUsable = ({ isDead, deviceIndex = 0 }: NextHop) =>
    route.isUnicast && !isDead && links.get(deviceIndex)?.isRunning !== false;
  const hop = route.nextHops.find(isUsable);
  const [first] = route.nextHops;
  const device = links.get((hop ?? first)?.deviceIndex ?? 0)?.name;
  const known = best.get(route.prefix);
  const isBetter =
    !known ||
    (hop && !known.hop) ||
    (Boolean(hop) === Boolean(known.hop) && route.metric < known.route.metric);
  if (isBetter) best.set(route.prefix, { route, hop, device });
}

function newsOf(
  prefix: Prefix,
  seen: Seen | undefined,
  before: PrefixNews | undefined,
  links: ReadonlyMap<number, Link>,
): PrefixNews {
  if (seen?.hop) {
    const { metric, protocol } = seen.route;
    const { gateway } = seen.hop;
    const device = seen.device === undefined ? {} : { device: seen.device };
    const isConnected = protocol === KERNEL_PROTOCOL;
    return { prefix, route: { metric, isConnected, ...device, ...(gateway && { gateway }) } };
  }
  if (seen && !seen.route.isUnicast)
    return { prefix, why: `the route to ${prefix} refuses packets` };
  const old = before?.route?.device ?? before?.lostDevice;
  const lost = seen?.device ?? (old !== undefined && isLost(old, links) ? old : undefined);
  const why = seen
    ? `the route to ${prefix} leads to ${seen.device ?? "an interface"}, which is down`
    : `no route to ${prefix}`;
  return { prefix, why, ...(lost === undefined ? {} : { lostDevice: lost }) };
}

function isLost(device: string, links: ReadonlyMap<number, Link>): boolean {
  return ![...links.values()].some(({ name, isRunning }) => name === device && isRunning);
}

/** RTPROT_KERNEL */
const KERNEL_PROTOCOL = 2;

/**
 * Makes the state document out of what the engines and the kernel show. Pure: engine time becomes wall-clock time here,
 * numbers of algorithms become the names of the configuration, and nothing secret comes near it.
 */
import { algorithmName, encryptionName, integrityNames } from "#config/algorithms.ts";
import type { DesiredState, SecurityAssociation } from "#dataplane/desired.ts";
import type { SaCounters } from "#dataplane/port.ts";
import type { ClientView } from "#flexvpn/client-view.ts";
import type { SessionSa } from "#flexvpn/compose.ts";
import type { MonotonicMs, WallClock } from "#lib/duration.ts";
import { formatEndpoint } from "#lib/ip.ts";
import { buildSla, type SlaSources } from "./build-sla.ts";
import { buildTracks, type TrackSources } from "./build-track.ts";
import type { DialerState } from "./dialer-state.ts";
import type {
  ClientState,
  IkeSaState,
  IpsecSaState,
  RouteState,
  StateDocument,
  SystemState,
  TunnelState,
} from "./document.ts";
import type { ConfigurationState } from "./document-configuration.ts";
import type { InterfaceTraffic } from "./document-ike.ts";
import type { UpdateState } from "./document-update.ts";
import { formatTime } from "./event-log.ts";

/** What the document is made of, all of one instant. */
export interface DocumentSources extends TrackSources, SlaSources {
  readonly version: string;
  readonly hostname: string;
  /** When an instant of the monotonic clock was; the same instant gives the same time in the next document. */
  readonly wallAt: (instant: MonotonicMs) => WallClock;
  readonly startedAt: MonotonicMs;
  readonly clients: readonly ClientView[];
  readonly ike: readonly IkeSaState[];
  /** SAs that exist, with the time of their installation. */
  readonly securityAssociations: readonly (SessionSa & { readonly installedAt: MonotonicMs })[];
  readonly saCounters: readonly SaCounters[];
  /** What was last asked of the kernel; undefined before the first time. */
  readonly desired: DesiredState | undefined;
  readonly dialers: Readonly<Record<string, DialerState>>;
  /** What an interface of the machine carried; undefined when it does not exist. */
  readonly interfaceTraffic?: (name: string) => InterfaceTraffic | undefined;
  /** MTU of an interface of the machine; of the usual one when none is known. */
  readonly interfaceMtu?: (name: string | undefined) => number;
  readonly configuration: ConfigurationState;
  /** Of the appliance. */
  readonly update?: UpdateState | undefined;
  readonly system: SystemState;
}

/** The document of this instant. */
export function buildDocument(sources: DocumentSources): StateDocument {
  const { version, hostname, now, startedAt, ike, system } = sources;
  return {
    version,
    hostname,
    uptime: wholeSeconds(startedAt, now),
    clients: Object.fromEntries(
      sources.clients.map((view) => [view.name, clientState(view, sources)]),
    ),
    ike,
    ipsec: sources.securityAssociations.map((each) => ipsecState(each, sources)),
    tunnels: tunnelStates(sources),
    track: buildTracks(sources),
    sla: buildSla(sources),
    dialers: sources.dialers,
    routes: routeStates(sources),
    configuration: sources.configuration,
    ...(sources.update && { update: sources.update }),
    system,
  };
}

function clientState(view: ClientView, sources: DocumentSources): ClientState {
  const at = (time: MonotonicMs): string => formatTime(sources.wallAt(time));
  return {
    state: view.status,
    since: at(view.since),
    ...(view.peer === undefined ? {} : { peer: view.peer }),
    ...(view.source === undefined ? {} : { source: view.source }),
    tunnel: view.tunnel,
    assigned: view.assigned,
    reason: view.reason,
    ...(view.reasonCode === undefined ? {} : { "reason-code": view.reasonCode }),
    attempts: view.attempts,
    ...(view.retryAt === undefined ? {} : { "next-retry": at(view.retryAt) }),
    ...(view.backupGroup === undefined ? {} : { "backup-group": view.backupGroup }),
    networks: view.networks,
    dns: view.dns,
    peers: view.peers.map(({ seq, host, origin, held, lastFailure }) => ({
      seq,
      host,
      origin,
      ...(held === undefined ? {} : { held }),
      ...(lastFailure === undefined ? {} : { "last-failure": lastFailure }),
    })),
    ...standbyState(view),
    rehearsal: {
      running: view.rehearsal.isRunning,
      results: view.rehearsal.results.map(({ isWorking, why, at: when, took, ...way }) => ({
        ...way,
        works: isWorking,
        ...(why === undefined ? {} : { reason: why }),
        at: at(when),
        milliseconds: Math.round(took),
      })),
    },
  };
}

function standbyState({ standby }: ClientView): Pick<ClientState, "standby"> {
  if (!standby) return {};
  const { isReady, ...rest } = standby;
  return { standby: { ...rest, state: isReady ? "ready" : "connecting" } };
}

function ipsecState(
  { sa, installedAt }: DocumentSources["securityAssociations"][number],
  sources: DocumentSources,
): IpsecSaState {
  const counted = sources.saCounters.find(
    (each) => each.spi === sa.spi && each.direction === sa.direction,
  );
  return {
    client: sa.client,
    spi: formatSpi(sa.spi),
    direction: sa.direction,
    source: outerEnd(sa, "source"),
    destination: outerEnd(sa, "destination"),
    "udp-encapsulation": sa.udpEncapsulation,
    mode: sa.mode,
    encryption: espEncryptionName(sa),
    ...(sa.integrity === undefined ? {} : { integrity: espIntegrityName(sa.integrity.id) }),
    esn: sa.esn,
    "replay-window": sa.replayWindow,
    selectors: sa.selectors,
    bytes: counted?.bytes ?? 0,
    packets: counted?.packets ?? 0,
    "replay-drops": counted?.replayDrops ?? 0,
    "integrity-failures": counted?.integrityFailures ?? 0,
    age: wholeSeconds(installedAt, sources.now),
    lifetime: lifetimeOf(sa),
  };
}

function lifetimeOf({ lifetime }: SecurityAssociation): NonNullable<IpsecSaState["lifetime"]> {
  const { hardSeconds, hardBytes } = lifetime;
  return {
    ...(hardSeconds === undefined ? {} : { seconds: hardSeconds }),
    ...(hardBytes === undefined ? {} : { bytes: hardBytes }),
  };
}

function tunnelStates(sources: DocumentSources): Readonly<Record<string, TunnelState>> {
  const tunnels = sources.desired?.tunnels ?? [];
  const carriers = new Set(
    sources.clients.filter((each) => each.status === "up").map((each) => each.tunnel),
  );
  return Object.fromEntries(
    tunnels.map(({ name, client, mtu, addresses, underlay }) => [
      name,
      {
        ...(client === undefined ? {} : { client }),
        state: carriers.has(name) ? "up" : "down",
        mtu,
        addresses,
        ...outsideOf(name, underlay ?? sourceOf(client, sources), sources),
      } satisfies TunnelState,
    ]),
  );
}

function outsideOf(
  name: string,
  underlay: string | undefined,
  { interfaceTraffic, interfaceMtu }: DocumentSources,
): Pick<TunnelState, "traffic" | "path-mtu"> {
  const traffic = interfaceTraffic?.(name);
  const mtu = interfaceMtu?.(underlay);
  return {
    ...(mtu === undefined ? {} : { "path-mtu": mtu }),
    ...(traffic === undefined ? {} : { traffic }),
  };
}

function sourceOf(client: string | undefined, { clients }: DocumentSources): string | undefined {
  return clients.find(({ name }) => name === client)?.source;
}

/** A route belongs to the client of its tunnel; a host route to a hub leaves by another interface and names none. */
function routeStates({ desired }: DocumentSources): readonly RouteState[] {
  const owners = new Map(desired?.tunnels.map((tunnel) => [tunnel.name, tunnel.client]));
  return (desired?.routes ?? []).map(({ destination, device, gateway, metric }) => ({
    destination,
    ...(device === undefined ? {} : { device }),
    ...(gateway === undefined ? {} : { gateway }),
    metric,
    client: owners.get(device ?? "") ?? "",
  }));
}

/** `0xc0ffee01`. */
export function formatSpi(spi: number): string {
  return `0x${spi.toString(16).padStart(8, "0")}`;
}

function outerEnd(sa: SecurityAssociation, end: "source" | "destination"): string {
  return sa.udpEncapsulation ? formatEndpoint(sa[end]) : sa[end].address;
}

/** The key that IKE cuts holds a salt after the cipher's own key. RFC 4106 §8.1, RFC 4309 §7.1, RFC 7634 §2 */
function espEncryptionName({ encryption }: SecurityAssociation): string {
  const saltBytes = encryption.id >= 18 ? 4 : encryption.id >= 14 ? 3 : 0;
  const keyLength = (encryption.key.length - saltBytes) * 8;
  const choice =
    encryption.id === CHACHA20_POLY1305 ? { id: encryption.id } : { id: encryption.id, keyLength };
  return encryptionName(choice) ?? `encryption-${encryption.id}`;
}

function espIntegrityName(id: number): string {
  return algorithmName(integrityNames, id) ?? `integrity-${id}`;
}

function wholeSeconds(from: MonotonicMs, to: MonotonicMs): number {
  return Math.max(0, Math.floor((to - from) / 1_000));
}

/** IANA "Encryption Algorithm" */
const CHACHA20_POLY1305 = 28;

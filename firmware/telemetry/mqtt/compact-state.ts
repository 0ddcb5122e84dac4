/**
 * The state document in a few hundred bytes: what somebody who looks after a hundred branches wants to see of each. Only
 * what changes by something happening is in it, no counters and no ages. Pure.
 */
import type { ClientState, RehearsedWay, StateDocument } from "#state/document.ts";
import type { UpdateState } from "#state/document-update.ts";

export interface CompactState {
  readonly hostname: string;
  readonly version: string;
  readonly clients: Readonly<Record<string, CompactClient>>;
  readonly tunnels: Readonly<Record<string, "up" | "down">>;
  readonly track: Readonly<Record<string, string>>;
  /** Return codes. */
  readonly sla: Readonly<Record<string, string>>;
  readonly dialers: Readonly<Record<string, string>>;
  /** What the kernel lacks or refuses. */
  readonly faults: readonly string[];
  /** Of the appliance. */
  readonly update?: CompactUpdate;
}

/** The system that runs, and how far an update is. */
export interface CompactUpdate {
  readonly version: string;
  readonly slot: string;
  readonly phase: string;
  /** A bundle on its way in, and how much of this step is done, per cent. */
  readonly incoming?: { readonly version: string; readonly step: string; readonly percent: number };
  readonly lacking?: readonly string[];
  readonly last?: { readonly version: string; readonly outcome: string; readonly reason: string };
}

export interface CompactClient {
  readonly state: string;
  readonly since: string;
  readonly reason: string;
  readonly "reason-code"?: string;
  readonly peer?: string;
  /** Address of the peer. */
  readonly address?: string;
  readonly source?: string;
  readonly assigned: { readonly ipv4?: string; readonly ipv6?: string };
  /** Host of the peer that stands by, when it is ready. */
  readonly standby?: string;
  /** How many ways the last rehearsal tried, and how many of them work. */
  readonly rehearsal?: { readonly tried: number; readonly working: number };
}

export function compactState(document: StateDocument): CompactState {
  const { hostname, version, clients, tunnels, track, sla, dialers, system, update } = document;
  return {
    hostname,
    version,
    clients: mapValues(clients, compactClient),
    tunnels: mapValues(tunnels, ({ state }) => state),
    track: mapValues(track, ({ state }) => state),
    sla: mapValues(sla, (one) => one["return-code"]),
    dialers: mapValues(dialers, ({ state }) => state),
    faults: system.faults,
    ...(update && { update: compactUpdate(update) }),
  };
}

function compactUpdate(update: UpdateState): CompactUpdate {
  const { version, slot, phase, incoming, trial, last } = update;
  const percent = (done: number, total: number) => Math.floor((100 * done) / Math.max(1, total));
  return {
    ...{ version, slot, phase },
    ...(incoming && {
      incoming: {
        version: incoming.version,
        step: incoming.step,
        percent: percent(incoming.done, incoming.total),
      },
    }),
    ...(trial && { lacking: trial.lacking }),
    ...(last && { last: { version: last.version, outcome: last.outcome, reason: last.reason } }),
  };
}

function compactClient(client: ClientState): CompactClient {
  const { peer, source, standby, rehearsal, "reason-code": code } = client;
  const { results } = rehearsal;
  return {
    state: client.state,
    since: client.since,
    reason: client.reason,
    ...(code === undefined ? {} : { "reason-code": code }),
    ...(peer && { peer: peer.host }),
    ...(peer?.address && { address: peer.address }),
    ...(source === undefined ? {} : { source }),
    assigned: client.assigned,
    ...(standby?.state === "ready" && { standby: standby.host }),
    ...(results.length > 0 && {
      rehearsal: { tried: results.length, working: results.filter(({ works }) => works).length },
    }),
  };
}

/** The matrix of every client that has rehearsed; undefined when none has. */
export function rehearsals(
  document: StateDocument,
): Readonly<Record<string, readonly RehearsedWay[]>> | undefined {
  const done = Object.entries(document.clients)
    .map(([name, { rehearsal }]) => [name, rehearsal.running ? [] : rehearsal.results] as const)
    .filter(([, results]) => results.length > 0);
  return done.length === 0 ? undefined : Object.fromEntries(done);
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

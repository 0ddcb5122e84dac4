/** What goes out every `metrics-interval`: all that counts or is measured, out of the state document. Pure. */
import type { IpsecSaState, StateDocument } from "#state/document.ts";

/** What the reporter itself counts. */
export interface OutboxCounts {
  readonly waiting: number;
  readonly bytes: number;
  readonly delivered: number;
  readonly lost: number;
}

/** @param time RFC 3339. */
export function metricsOf(document: StateDocument, spool: OutboxCounts, time: string): object {
  const { uptime, clients, tunnels, ipsec, ike, sla, dialers, system } = document;
  const { faults: _, ...machine } = system;
  return {
    time,
    uptime,
    clients: mapValues(clients, ({ state, tunnel }, name) => ({
      up: state === "up",
      tunnel,
      rekeys: ike.filter(({ client }) => client === name).reduce((sum, sa) => sum + sa.rekeys, 0),
      in: sum(ipsec.filter((sa) => sa.client === name && sa.direction === "in")),
      out: sum(ipsec.filter((sa) => sa.client === name && sa.direction === "out")),
    })),
    tunnels: mapValues(tunnels, ({ state, mtu, traffic }) => ({
      up: state === "up",
      mtu,
      ...(traffic && { traffic }),
    })),
    sla: mapValues(sla, ({ rtt, jitter, loss, successes, failures }) => ({
      ...(rtt && { rtt }),
      ...(jitter === undefined ? {} : { jitter }),
      loss,
      successes,
      failures,
    })),
    dialers: mapValues(dialers, (one) => ({
      connections: one.connections,
      failures: one.failures,
      "seconds-connected": one["seconds-connected"],
      ...(one.traffic && { traffic: one.traffic }),
    })),
    system: machine,
    spool,
  };
}

/** Of the SAs that there are now: a rekey begins at nothing again, the interface's own counters go on. */
function sum(sas: readonly IpsecSaState[]): object {
  const total = (count: (sa: IpsecSaState) => number) =>
    sas.reduce((all, sa) => all + count(sa), 0);
  return {
    bytes: total(({ bytes }) => bytes),
    packets: total(({ packets }) => packets),
    "replay-drops": total((sa) => sa["replay-drops"]),
    "integrity-failures": total((sa) => sa["integrity-failures"]),
  };
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, key: string) => To,
): Readonly<Record<string, To>> {
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [key, change(value, key)]),
  );
}

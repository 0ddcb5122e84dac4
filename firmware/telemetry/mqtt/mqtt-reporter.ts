/** Reports to an MQTT broker: puts connection, events, state, metrics and commands together. Source: interfaces.md §6 */
import type { Backend } from "#api/backend.ts";
import type { ResolvedMqtt } from "#config/resolved-mqtt.ts";
import type { Reporter, ReporterContext } from "../reporter.ts";
import { wayTo } from "../tcp-way.ts";
import { type BrokerFault, faultOf } from "./broker-fault.ts";
import { BrokerLink } from "./broker-link.ts";
import type { BrokerSession } from "./broker-session.ts";
import { CommandDesk } from "./command-desk.ts";
import { DiscoveryTopic } from "./discovery-topic.ts";
import { EventOutbox, type Outlet } from "./event-outbox.ts";
import { LinkEvents } from "./link-events.ts";
import { metricsOf } from "./metrics.ts";
import { MetricsTopic } from "./metrics-topic.ts";
import { openSpool } from "./open-spool.ts";
import { RetainedTopic } from "./retained-topic.ts";
import { StateTopics } from "./state-topics.ts";
import { type Topics, topicsOf } from "./topics.ts";

/** Without a flash, that much is kept in memory. */
const MEMORY_BYTES = 1024 * 1024;

/** Begins to report; it goes on through every fault until it is closed. */
export function startMqtt(section: ResolvedMqtt, context: ReporterContext): Reporter {
  const { backend, stateDir } = context;
  const log = context.log.with({ area: "mqtt" });
  const topics = topicsOf(section.prefix, section.clientId);
  const broker = brokerName(section);
  const said = new LinkEvents(broker, context.record);
  const spool = openSpool(stateDir, section.spoolBytes, log);
  const outbox = new EventOutbox({
    spool,
    memoryBytes: Math.min(section.spoolBytes, MEMORY_BYTES),
    lost: (cut) => said.lost(cut),
    spoolFailed: (error) =>
      log.error(`events for the broker wait in memory only from now on: ${String(error)}`),
  });
  const status = new RetainedTopic(topics.status);
  status.set("online");
  const discovered = new DiscoveryTopic(
    section.homeAssistant?.prefix,
    {
      clientId: section.clientId,
      topics,
      commands: section.commands,
      hasMetrics: section.metricsInterval !== undefined,
    },
    spool,
  );
  const state = new StateTopics(
    topics,
    () => backend.document(),
    (document) => discovered.look(document),
  );
  const metrics = new MetricsTopic(topics.metrics, section.metricsInterval, () =>
    metricsOf(backend.document(), outbox.counts, new Date().toISOString()),
  );
  let session: BrokerSession | undefined;
  const desk = new CommandDesk({
    backend,
    allowed: section.commands,
    // An answer that does not get through is asked for again by whoever waits for it.
    reply: (body) => void session?.publish(topics.reply, body, false).catch(() => {}),
  });
  const users = [discovered, status, state, metrics];
  const link = new BrokerLink({
    farEnd: section,
    session: {
      broker,
      clientId: section.clientId,
      keepalive: section.keepalive,
      statusTopic: topics.status,
      ...(section.username !== undefined && { username: section.username }),
      ...(section.password && { password: section.password }),
      ...(section.commands.length > 0 && {
        hear: {
          topic: topics.command,
          message: (payload, isRetained) => desk.take(payload, isRetained, performance.now()),
        },
      }),
    },
    way: () => wayTo(section.via, () => backend.document()),
    tie: context.tie,
    up: (opened) => {
      session = opened;
      said.up(opened.version, outbox.counts.waiting);
      for (const each of users) each.use(opened);
      outbox.open(outletOf(opened, topics, broker));
    },
    down: (fault, wasUp) => {
      if (wasUp) {
        session = undefined;
        for (const each of users) each.use(undefined);
        outbox.shut();
      }
      said.down(fault);
    },
  });
  const first = firstOf(backend, outbox.newestId);
  if (first !== outbox.newestId) outbox.beginAfter(first);
  const unsubscribe = backend.subscribe((event) => {
    outbox.add(event);
    state.touch();
    if (changesWays.has(event.mnemonic)) setImmediate(() => link.wayChanged());
  }, first);
  link.start();
  return {
    close: async () => {
      unsubscribe();
      outbox.close();
      metrics.use(undefined);
      status.set("offline");
      await link.close();
      spool?.close();
    },
  };
}

function brokerName({ host, port }: ResolvedMqtt): string {
  if (host.kind === "name") return `${host.name}:${port}`;
  return host.address.includes(":") ? `[${host.address}]:${port}` : `${host.address}:${port}`;
}

/**
 * The event to go on after: the last one that was taken in an earlier life. Where there was none, or ids began anew, what
 * happened since the daemon started.
 */
function firstOf(backend: Backend, newestId: number | undefined): number {
  const events = backend.events(LOOK_BACK);
  const last = events.at(-1)?.id ?? 0;
  if (newestId !== undefined && newestId <= last) return newestId;
  const start = events.findLast(({ mnemonic }) => mnemonic === "FLEXSPOKE-5-STARTED");
  return (start?.id ?? last + 1) - 1;
}

const LOOK_BACK = 1_000;

/** A tunnel came, went or has another address. */
const changesWays = new Set([
  "FLEXVPN-6-FLEXVPN_CONNECTION_UP",
  "FLEXVPN-6-FLEXVPN_CONNECTION_DOWN",
  "LINEPROTO-5-UPDOWN",
]);

function outletOf(session: BrokerSession, topics: Topics, broker: string): Outlet {
  const silent: BrokerFault = { code: "mqtt.silent", text: `${broker} acknowledges nothing` };
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  const rearm = () => {
    clearTimeout(timer);
    timer = waiting > 0 ? setTimeout(() => session.drop(silent), ACKNOWLEDGE_TIME) : undefined;
  };
  return {
    window: session.window,
    longest: session.largestPacket - topics.event.length - 64,
    send: async (body) => {
      waiting++;
      if (waiting === 1) rearm();
      try {
        await session.publish(topics.event, body, false);
      } finally {
        waiting--;
        rearm();
      }
    },
    broken: (error) => session.drop(faultOf(error, broker)),
  };
}

/** A broker that is there takes an event in that time; a connection that is half open is given up. */
const ACKNOWLEDGE_TIME = 15_000;

/** Puts engines, sockets, kernel and watchers together: who hears whom. It starts nothing. */
import { randomBytes } from "node:crypto";
import type { DataPlane, DataPlaneFault } from "#dataplane/port.ts";
import { compose } from "#flexvpn/compose.ts";
import { FlexvpnEngine } from "#flexvpn/engine.ts";
import { IkeEngine } from "#ike/engine.ts";
import type { Log } from "#lib/log.ts";
import { underlayTo } from "#linux/route/underlay.ts";
import { IkeSocketPool } from "#linux/socket/socket-pool.ts";
import { SlaEngine } from "#sla/engine.ts";
import { EventLog } from "#state/event-log.ts";
import { TrackEngine } from "#track/engine.ts";
import type { ChangeGuard } from "./change-guard.ts";
import { Calendar, type Clock } from "./clock.ts";
import { Dialers } from "./dialers.ts";
import { HandshakeTimes } from "./handshake-times.ts";
import { HostMetrics } from "./host-metrics.ts";
import { KernelState } from "./kernel-state.ts";
import { Learnt } from "./learnt.ts";
import type { Loop, Part } from "./loop.ts";
import { pathMtu } from "./path-mtu.ts";
import { performFlexvpn } from "./perform-flexvpn.ts";
import { performIke } from "./perform-ike.ts";
import { Probes } from "./probes.ts";
import type { Recorder } from "./recorder.ts";
import { RefusedDatagrams } from "./refused-datagrams.ts";
import type { Services } from "./services.ts";
import type { TimeKeeper } from "./time-keeper.ts";
import { Tracks } from "./tracks.ts";
import { Underlays } from "./underlays.ts";
import type { Updates } from "./updates.ts";

/** What the assembly is made around. */
export interface Frame {
  readonly runDir: string;
  readonly stateDir: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly loop: Loop;
  readonly dataPlane: DataPlane;
  readonly guard: ChangeGuard;
  readonly updates: Updates;
  readonly time: TimeKeeper;
  readonly recorder: Recorder;
  readonly lacksPermission: boolean;
  readonly clientOfTunnel: Services["clientOfTunnel"];
  /** Tells of the interfaces that are not as they were, now. */
  readonly lookAtInterfaces: () => void;
  /** Hear of what the kernel refused: one change, or something that the tracks need. */
  readonly refused: (faults: readonly DataPlaneFault[]) => void;
  readonly fault: (fault: DataPlaneFault) => void;
  /** Hears which name servers a dialled line brings, and that it is down. */
  readonly lineServers: (
    device: string,
    metric: number,
    servers: readonly string[] | undefined,
  ) => void;
}

type Engines = Pick<Services, "ike" | "flexvpn" | "track" | "sla">;
type Watchers = Pick<Services, "tracks" | "probes" | "dialers">;
type Gives = Pick<
  Services,
  "giveIke" | "giveFlexvpn" | "giveTrack" | "giveSla" | "giveDial" | "giveGuard" | "giveUpdate"
>;

/** The services of a daemon; its engines are parts of the loop. */
export function assemble(frame: Frame): Services {
  const { clock, log, dataPlane, stateDir, refused } = frame;
  // Whoever is made here may speak to the others only once all of them are there.
  const services = (): Services => assembled;
  const engines = makeEngines(frame);
  const watchers = makeWatchers(frame, services);
  const refusedDatagrams = new RefusedDatagrams((event) => services().events.record(event));
  const assembled: Services = {
    clock,
    calendar: new Calendar(clock),
    log,
    events: new EventLog(
      () => ({ time: clock.wall(), uptime: clock.now() / 1_000 }),
      EVENTS_IN_MEMORY,
      (error) => log.error(`events are kept in memory only from now on: ${String(error)}`),
    ),
    kernel: new KernelState(dataPlane, (intents, sas) => compose(intents, sas, pathMtu), refused),
    sockets: new IkeSocketPool({
      datagram: (datagram) => services().giveIke({ kind: "datagram", ...datagram }),
      fault: (fault) => {
        log.warn(fault.what, { code: fault.code, remedy: fault.remedy });
        refusedDatagrams.note(fault, clock.now());
      },
    }),
    learnt: new Learnt(stateDir, log),
    handshakes: new HandshakeTimes(),
    host: new HostMetrics(stateDir),
    underlays: new Underlays(underlayTo),
    guard: frame.guard,
    updates: frame.updates,
    time: frame.time,
    lacksPermission: frame.lacksPermission,
    clientOfTunnel: frame.clientOfTunnel,
    ...engines,
    ...watchers,
    ...joinLoop(frame, engines, watchers, services),
  };
  return assembled;
}

function makeEngines({ recorder }: Frame): Engines {
  const random = (length: number) => randomBytes(length);
  return {
    ike: new IkeEngine({ random }),
    flexvpn: new FlexvpnEngine(recorder.random("flexvpn", random)),
    track: new TrackEngine(),
    sla: new SlaEngine(recorder.random("sla", random)),
  };
}

function makeWatchers(
  { log, runDir, fault, recorder, lookAtInterfaces, lineServers }: Frame,
  services: () => Services,
): Watchers {
  const record: Services["events"]["record"] = (event) => services().events.record(event);
  return {
    tracks: new Tracks({
      lookAtInterfaces,
      give: (input) => services().giveTrack(input),
      tell: (change) => {
        services().giveFlexvpn(change);
        services().giveDial(change);
      },
      record,
      fault,
      log: log.with({ area: "track" }),
    }),
    probes: new Probes({
      give: (input) => services().giveSla(input),
      tell: (result) => services().giveTrack(result),
      record,
    }),
    dialers: new Dialers({
      runDir,
      log: log.with({ area: "dial" }),
      random: recorder.random("dial", (length) => randomBytes(length)),
      give: (input) => services().giveDial(input),
      record,
      changed: (action) => services().giveFlexvpn(action),
      nameServers: lineServers,
    }),
  };
}

/** Each engine is a part of the loop, with who does what it asks for. */
function joinLoop(
  { loop, guard, time, updates }: Frame,
  { ike, flexvpn, track, sla }: Engines,
  { tracks, probes, dialers }: Watchers,
  services: () => Services,
): Gives {
  const timeout = { kind: "timeout" } as const;
  const join = <Input, Action>(part: Part<Input, Action>) => {
    loop.add(part);
    return (input: Input) => loop.give(part, input);
  };
  const giveGuard = join({
    name: "guard",
    engine: guard.engine,
    perform: (action) => guard.perform(action),
    timeout,
  });
  const giveUpdate = join({
    name: "update",
    engine: updates.engine,
    perform: (action) => updates.perform(action),
    timeout,
  });
  return {
    giveIke: join({
      name: "ike",
      engine: ike,
      perform: (action) => performIke(services(), action),
      timeout,
    }),
    giveFlexvpn: join({
      name: "flexvpn",
      engine: flexvpn,
      perform: (action) => performFlexvpn(services(), action),
      timeout,
    }),
    giveTrack: join({
      name: "track",
      engine: track,
      perform: (action) => tracks.perform(action),
      timeout,
    }),
    giveSla: join({
      name: "sla",
      engine: sla,
      perform: (action) => probes.perform(action),
      timeout,
      readsFirst: true,
    }),
    giveDial: join({
      name: "dial",
      engine: dialers.engine,
      perform: (action) => dialers.perform(action),
      timeout,
    }),
    // Both judge by how the branch fares: one a configuration, the other a system.
    giveGuard: (input) => {
      giveGuard(input);
      time.hear(input);
      if (input.kind !== "confirm" && input.kind !== "timeout") giveUpdate(input);
    },
    giveUpdate,
  };
}

const EVENTS_IN_MEMORY = 1_000;

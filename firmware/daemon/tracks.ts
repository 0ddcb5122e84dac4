/**
 * Joins the track engine to the machine: routes and tunnels as its facts, scripts run for it, its changes told to those who
 * follow them. It decides nothing.
 */
import type { ResolvedConfig } from "#config/resolved.ts";
import type { DataPlaneFault } from "#dataplane/port.ts";
import type { ClientView } from "#flexvpn/client-view.ts";
import { assertNever } from "#lib/assert-never.ts";
import { type InterfaceAddress, interfaceAddress, type Prefix } from "#lib/ip.ts";
import type { Log } from "#lib/log.ts";
import { type PrefixNews, RouteMonitor } from "#linux/route/route-monitor.ts";
import { type RunningScript, runScript } from "#linux/script/run-script.ts";
import { clientSubject, type EventDraft, interfaceSubject } from "#state/event.ts";
import type { TrackAction } from "#track/actions.ts";
import type { ScriptRun, TrackInput } from "#track/inputs.ts";

type Of<Kind extends TrackAction["kind"]> = Extract<TrackAction, { kind: Kind }>;

export interface TracksOptions {
  /** Hands an input to the track engine. */
  readonly give: (input: TrackInput) => void;
  /** Tells of the interfaces that are not as they were, now. */
  readonly lookAtInterfaces: () => void;
  /** Gets every report of an object's state. */
  readonly tell: (change: Of<"track-changed">) => void;
  readonly record: (event: EventDraft) => void;
  readonly fault: (fault: DataPlaneFault) => void;
  readonly log: Log;
}

export class Tracks {
  readonly #options: TracksOptions;
  readonly #routes: RouteMonitor;
  readonly #running = new Map<ScriptRun, RunningScript>();
  #tunnels: ResolvedConfig["tunnels"] = {};
  #operations: readonly string[] = [];
  #watched = "";

  constructor(options: TracksOptions) {
    this.#options = options;
    this.#routes = new RouteMonitor({
      changed: (news) => {
        // The kernel tells of a link and of its routes over two sockets: the link is what the routes went with.
        options.lookAtInterfaces();
        options.give(routeChanged(news));
      },
      fault: options.fault,
    });
  }

  /** Give it before the clients' configuration: they follow the objects. */
  configure({ sla, tunnels, track }: ResolvedConfig): void {
    const { give } = this.#options;
    for (const name of Object.keys(tunnels))
      if (!this.#tunnels[name]) give(tunnelChanged(name, false, []));
    this.#tunnels = tunnels;
    give({ kind: "configure", tracks: track });
    // One that comes back under its name has to earn its state anew.
    for (const operation of this.#operations)
      if (!sla[operation]) give({ kind: "sla-result", operation, code: "unknown" });
    this.#operations = Object.keys(sla);
    const prefixes = new Set<Prefix>();
    for (const { test } of Object.values(track))
      if (test.kind === "route") prefixes.add(test.prefix);
    const watched = JSON.stringify([...prefixes]);
    if (watched !== this.#watched) this.#routes.watch(prefixes);
    this.#watched = watched;
  }

  /** A client's tunnel is up exactly while the client is, and has the address that the hub gave. IOS: dynamic tunnels. */
  clientChanged({ name, status, tunnel, assigned }: ClientView): void {
    const fixed = this.#tunnels[tunnel]?.address;
    const addresses = fixed?.kind === "fixed" ? [fixed.address] : addressesOf(assigned);
    const isUp = status === "up";
    this.#options.give({
      ...tunnelChanged(tunnel, isUp, isUp ? addresses : []),
      cause: clientSubject(name),
    });
  }

  perform(action: TrackAction): void {
    switch (action.kind) {
      case "track-changed":
        this.#options.tell(action);
        break;
      case "run-script":
        this.#run(action);
        break;
      case "stop-script":
        this.#running.get(action.run)?.kill();
        break;
      case "event":
        this.#options.record(action.event);
        break;
      default:
        assertNever(action);
    }
  }

  /** Ends what runs; nothing is told after this. */
  close(): void {
    this.#routes.close();
    for (const script of this.#running.values()) script.kill();
  }

  #run({ run, object, argv, timeout }: Of<"run-script">): void {
    const log = this.#options.log.with({ track: object });
    const script = runScript({ argv, timeout, environment: { FLEXSPOKE_TRACK: object } });
    this.#running.set(run, script);
    void script.ended.then(({ end, output }) => {
      this.#running.delete(run);
      log.debug(() => `the script ${JSON.stringify(end)}, it wrote: ${output || "nothing"}`);
      this.#options.give({ kind: "script-result", run, outcome: end });
    });
  }
}

function routeChanged({ prefix, route, why, lostDevice }: PrefixNews): TrackInput {
  return {
    kind: "route-changed",
    prefix,
    ...(route && { route }),
    ...(why === undefined ? {} : { why }),
    ...(lostDevice === undefined ? {} : { cause: interfaceSubject(lostDevice) }),
  };
}

function tunnelChanged(
  name: string,
  isUp: boolean,
  addresses: readonly InterfaceAddress[],
): Extract<TrackInput, { kind: "interface-changed" }> {
  return { kind: "interface-changed", name, isUp, addresses };
}

function addressesOf({ ipv4, ipv6 }: ClientView["assigned"]): readonly InterfaceAddress[] {
  return [
    ...(ipv4 === undefined ? [] : [interfaceAddress(ipv4, 32)]),
    ...(ipv6 === undefined ? [] : [ipv6 as string as InterfaceAddress]),
  ];
}

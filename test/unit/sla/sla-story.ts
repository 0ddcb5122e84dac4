/** Operations run by hand on a clock of their own: what a test says happens, and what they then ask for. */
import type { ResolvedSla, SlaOperation } from "#config/resolved-sla.ts";
import type { Duration, MonotonicMs } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import type { SlaAction } from "#sla/actions.ts";
import { SlaEngine } from "#sla/engine.ts";
import type { ProbeOutcome } from "#sla/probe.ts";
import { seededRandom } from "#test/vectors/seeded-random.ts";

export type Probe = Extract<SlaAction, { kind: "probe" }>;

export const echo = (packets = 1): SlaOperation => ({
  kind: "icmp-echo",
  host: { kind: "address", address: "203.0.113.1" as IpAddress },
  packets,
  interval: 20 as Duration,
});

interface Times {
  readonly operation?: SlaOperation;
  readonly frequency?: number;
  readonly timeout?: number;
  readonly threshold?: number;
  readonly sourceInterface?: string;
}

export function sla(name: string, times: Times = {}): ResolvedSla {
  const { operation = echo(), frequency = 1_000, timeout = 500, threshold = 200 } = times;
  return {
    name,
    operation,
    ...(times.sourceInterface !== undefined && { sourceInterface: times.sourceInterface }),
    frequency: frequency as Duration,
    timeout: timeout as Duration,
    threshold: threshold as Duration,
  };
}

export class SlaStory {
  readonly engine: SlaEngine;
  readonly actions: SlaAction[] = [];
  #now = 0;

  constructor(...operations: readonly ResolvedSla[]) {
    this.engine = new SlaEngine(seededRandom(11));
    this.configure(...operations);
  }

  get now(): number {
    return this.#now;
  }

  configure(...operations: readonly ResolvedSla[]): void {
    this.#give({
      kind: "configure",
      operations: Object.fromEntries(operations.map((each) => [each.name, each])),
    });
  }

  /** Lets time pass, waking the engine whenever it wants to be. */
  pass(span: number): void {
    const end = this.#now + span;
    for (let next = this.engine.nextTimeout(); next !== undefined && next <= end; ) {
      this.#now = Math.max(this.#now, Math.ceil(next));
      this.#give({ kind: "timeout" });
      next = this.engine.nextTimeout();
    }
    this.#now = end;
  }

  /** Nothing wakes the engine for a while: the process was busy. */
  sleep(span: number): void {
    this.#now += span;
  }

  wake(): void {
    this.#give({ kind: "timeout" });
  }

  /** Lets time pass until the next packet. */
  nextProbe(): Probe {
    const before = this.probes.length;
    while (this.probes.length === before) this.pass(1);
    return this.latestProbe;
  }

  get probes(): readonly Probe[] {
    return this.actions.filter((action) => action.kind === "probe");
  }

  get latestProbe(): Probe {
    const probe = this.probes.at(-1);
    if (!probe) throw new Error("nothing was sent");
    return probe;
  }

  /** The packet sent last is answered, `rtt` milliseconds after it was sent. */
  answer(rtt: number, probe = this.latestProbe): void {
    this.result(probe, { kind: "answered", sequence: probe.sequence, rtt });
  }

  fail(code: Extract<ProbeOutcome, { kind: "failed" }>["code"], reason: string): void {
    const probe = this.latestProbe;
    this.result(probe, { kind: "failed", sequence: probe.sequence, code, reason });
  }

  result(probe: Probe, outcome: ProbeOutcome): void {
    this.#give({ kind: "probe-result", id: probe.id, outcome });
  }

  view(name: string) {
    const view = this.engine.views().find((each) => each.name === name);
    if (!view) throw new Error(`no operation ${name}`);
    return view;
  }

  /** Return codes in the order they were told. */
  get codes(): readonly string[] {
    return this.actions.flatMap((action) =>
      action.kind === "return-code-changed" ? [`${action.operation} ${action.code}`] : [],
    );
  }

  get messages(): readonly string[] {
    return this.actions.flatMap((action) =>
      action.kind === "event" ? [action.event.message] : [],
    );
  }

  #give(input: Parameters<SlaEngine["handle"]>[0]): void {
    this.actions.push(...this.engine.handle(input, this.#now as MonotonicMs));
  }
}

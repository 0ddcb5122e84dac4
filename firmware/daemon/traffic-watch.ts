/**
 * Looks at the SAs' counters at a steady pace and tells IKE which sessions carried traffic: liveness checks and keepalives
 * are for those that did not. The last counters are kept for `show`.
 */
import type { DataPlane, DataPlaneCounters, SaCounters } from "#dataplane/port.ts";
import type { IkeInput, SessionId } from "#ike/inputs.ts";
import { type Duration, seconds } from "#lib/duration.ts";
import type { HeldSa } from "./kernel-state.ts";

const PACE: Duration = seconds(2);

/** What a session's SAs carried since the last look. */
interface Seen {
  outbound: boolean;
  readonly inboundSpis: number[];
}

export class TrafficWatch {
  readonly #dataPlane: DataPlane;
  readonly #held: () => readonly HeldSa[];
  readonly #tell: (input: IkeInput) => void;
  #before = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #last: DataPlaneCounters = { securityAssociations: [], killSwitch: [] };

  constructor(
    dataPlane: DataPlane,
    held: () => readonly HeldSa[],
    tell: (input: IkeInput) => void,
  ) {
    this.#dataPlane = dataPlane;
    this.#held = held;
    this.#tell = tell;
  }

  /** The counters as last read. */
  get counters(): DataPlaneCounters {
    return this.#last;
  }

  start(): void {
    this.#timer = setInterval(() => void this.refresh(), PACE);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Reads the counters now. Nothing is read while there is no SA. */
  async refresh(): Promise<void> {
    if (this.#held().length === 0) {
      this.#last = { ...this.#last, securityAssociations: [] };
      this.#before.clear();
      return;
    }
    this.#last = await this.#dataPlane.counters();
    const counted = new Map(this.#last.securityAssociations.map((sa) => [keyOf(sa), sa]));
    const moved = new Map<SessionId, Seen>();
    for (const { session, sa } of this.#held()) {
      const { packets } = counted.get(keyOf(sa)) ?? { packets: 0 };
      if (packets <= (this.#before.get(keyOf(sa)) ?? 0)) continue;
      const seen = moved.get(session) ?? { outbound: false, inboundSpis: [] };
      if (sa.direction === "in") seen.inboundSpis.push(sa.spi);
      else seen.outbound = true;
      moved.set(session, seen);
    }
    this.#before = new Map([...counted].map(([key, { packets }]) => [key, packets]));
    for (const [session, seen] of moved) {
      const inbound = seen.inboundSpis.length > 0;
      this.#tell({ kind: "traffic", session, inbound, ...seen });
    }
  }
}

function keyOf({ spi, direction }: Pick<SaCounters, "spi" | "direction">): string {
  return `${direction} ${spi}`;
}

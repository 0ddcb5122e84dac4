/**
 * Does what the time guard asks for: looks at the clock, sets it on the appliance, keeps the time over restarts, and tells
 * those who go by the date what it is worth.
 */
import type { ResolvedConfig } from "#config/resolved.ts";
import type { GuardInput } from "#guard/inputs.ts";
import { assertNever } from "#lib/assert-never.ts";
import type { MonotonicMs, WallClock } from "#lib/duration.ts";
import type { Log } from "#lib/log.ts";
import { readCertificate } from "#pki/certificate.ts";
import type { EventDraft } from "#state/event.ts";
import type { TimeAction } from "#time/actions.ts";
import { TimeGuard, type TimeView } from "#time/engine.ts";
import type { TimeInput } from "#time/inputs.ts";
import type { Loop, Part } from "./loop.ts";
import type { MachineClock } from "./machine-clock.ts";
import { SavedTimeFile } from "./saved-time.ts";

export interface TimeKeeperParts {
  readonly loop: Loop;
  readonly clock: MachineClock;
  readonly stateDir: string;
  readonly log: Log;
  readonly record: (event: EventDraft) => void;
  /** Makes what keeps the clock right ask its servers now. */
  readonly askServers: () => void;
  /** Hears what the date is, at start and whenever that changes otherwise than by going on. */
  readonly tell: (time: WallClock, isEarliest: boolean) => void;
}

export class TimeKeeper {
  readonly #parts: TimeKeeperParts;
  readonly #guard = new TimeGuard();
  readonly #file: SavedTimeFile;
  readonly #give: (input: TimeInput) => void;

  constructor(parts: TimeKeeperParts) {
    const { loop, clock, stateDir, log } = parts;
    this.#parts = parts;
    this.#file = new SavedTimeFile(stateDir, clock.boot, log);
    const part: Part<TimeInput, TimeAction> = {
      name: "time",
      engine: this.#guard,
      perform: (action) => this.#perform(action),
      timeout: { kind: "timeout" },
    };
    loop.add(part);
    this.#give = (input) => loop.give(part, input);
  }

  /** First of all: whoever goes by the date is told. */
  begin(config: ResolvedConfig): void {
    const { made, keepsTime, maySet } = this.#parts.clock;
    const saved = this.#file.read();
    const ownCertificates = newestOf(config);
    this.#give({
      kind: "began",
      reading: this.#parts.clock.read(),
      made,
      keepsTime,
      maySet,
      ...(saved && { saved }),
      ownCertificates,
    });
  }

  configure(config: ResolvedConfig): void {
    this.#give({ kind: "own-certificates", newest: newestOf(config) });
  }

  /** Somebody saw that the clock was set. */
  look(): void {
    this.#give({ kind: "reading", reading: this.#parts.clock.read() });
  }

  /** How the branch fares: through what has come up, time servers may be reached. */
  hear(input: GuardInput): void {
    const isWay =
      (input.kind === "link-changed" && input.isUsable) ||
      (input.kind === "client-changed" && input.status === "up");
    if (isWay) this.#give({ kind: "way-opened" });
  }

  end(): void {
    this.#give({ kind: "end" });
  }

  view(now: MonotonicMs): TimeView {
    return this.#guard.view(now);
  }

  #perform(action: TimeAction): void {
    switch (action.kind) {
      case "read-clock":
        this.look();
        break;
      case "set-clock": {
        const set = this.#parts.clock.set(action.time);
        if (!set.ok) this.#parts.log.warn(`the clock can't be set: ${set.error}`);
        break;
      }
      case "ask-servers":
        this.#parts.askServers();
        break;
      case "time":
        this.#parts.tell(action.time, action.isEarliest);
        break;
      case "save":
        this.#file.write(action);
        break;
      case "event":
        this.#parts.record(action.event);
        break;
      default:
        assertNever(action);
    }
  }
}

/** When the newest of the certificates begins that the branch proves itself with; undefined when it has none. */
function newestOf({ clients }: ResolvedConfig): WallClock | undefined {
  const begins = Object.values(clients).flatMap(({ connection: { local } }) => {
    if (local.authentication.method !== "certificate") return [];
    const [leaf] = local.authentication.chain;
    const certificate = leaf && readCertificate(leaf);
    return certificate ? [certificate.notBefore] : [];
  });
  return begins.length === 0 ? undefined : (Math.max(...begins) as WallClock);
}

/**
 * One call of the engine: the time, the chance, the books, and the actions it will return. Handlers get it and put what
 * they want done in it, in order.
 */
import type { MonotonicMs } from "#lib/duration.ts";
import type { RandomSource } from "#lib/engine.ts";
import { formatEndpoint } from "#lib/ip.ts";
import type { JudgedAt } from "#pki/certificate-checks.ts";
import { type Severity, sessionSubject } from "#state/event.ts";
import type { IkeAction } from "../actions.ts";
import type { Tracer } from "../trace.ts";
import type { IkeCounters } from "./counters.ts";
import type { Session } from "./ike-sa.ts";
import type { KeyExchangePool } from "./key-exchange-pool.ts";
import type { SaRegistry } from "./registry.ts";

/** See the file's head. */
export class Turn {
  readonly now: MonotonicMs;
  /** What the wall clock says at `now`; undefined until it was told. */
  readonly wallClock: JudgedAt | undefined;
  readonly random: RandomSource;
  readonly registry: SaRegistry;
  readonly counters: IkeCounters;
  readonly keyExchanges: KeyExchangePool;
  /** Undefined while nobody watches. */
  readonly trace: Tracer | undefined;
  readonly actions: IkeAction[] = [];

  constructor(given: {
    now: MonotonicMs;
    wallClock: JudgedAt | undefined;
    random: RandomSource;
    registry: SaRegistry;
    counters: IkeCounters;
    keyExchanges: KeyExchangePool;
    trace?: Tracer | undefined;
  }) {
    this.now = given.now;
    this.wallClock = given.wallClock;
    this.random = given.random;
    this.registry = given.registry;
    this.counters = given.counters;
    this.keyExchanges = given.keyExchanges;
    this.trace = given.trace;
  }

  do(action: IkeAction): void {
    this.actions.push(action);
  }

  /** Tells what happened to a session. `data` gets the session's number beside what is given. */
  event(
    session: Session,
    severity: Severity,
    mnemonic: string,
    message: string,
    data: Readonly<Record<string, unknown>> = {},
  ): void {
    this.actions.push({
      kind: "event",
      event: {
        severity,
        mnemonic,
        client: session.connection.name,
        peer: formatEndpoint(session.path.remote),
        message,
        data: { session: session.id, ...data },
        subjects: [sessionSubject(session.id)],
        cause: sessionSubject(session.id),
      },
    });
  }
}

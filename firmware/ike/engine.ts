/**
 * The IKEv2 engine: the door between the world's inputs and the SAs. Owns which session an input is for and the order of
 * work in one call; the protocol is in `exchange/`, `task/` and `sa/`. No sockets, no clock, no timers of its own.
 * RFC 7296.
 */
import { earliest } from "#lib/deadlines.ts";
import { elapsed, type MonotonicMs, type WallClock } from "#lib/duration.ts";
import type { Engine, RandomSource } from "#lib/engine.ts";
import { invariant } from "#lib/invariant.ts";
import type { IkeAction } from "./actions.ts";
import { startAttempt } from "./exchange/ike-sa-init.ts";
import { judgeAgain } from "./exchange/judge-again.ts";
import { receiveDatagram } from "./exchange/receive.ts";
import { sendQueued } from "./exchange/request-queue.ts";
import { nextDeadline, runTimers } from "./exchange/timeouts.ts";
import type { IkeInput } from "./inputs.ts";
import { type IkeCounters, newCounters } from "./sa/counters.ts";
import { Session } from "./sa/ike-sa.ts";
import { KeyExchangePool } from "./sa/key-exchange-pool.ts";
import { SaRegistry } from "./sa/registry.ts";
import { Turn } from "./sa/turn.ts";
import { type IkeSaView, viewSession } from "./session-view.ts";
import { expireChild } from "./task/child-delete.ts";
import { childInstallFailed, noteChildTraffic } from "./task/child-kernel.ts";
import { checkLiveness, noteTraffic } from "./task/liveness.ts";
import { followMapping } from "./task/peer-address.ts";
import { closeIkeSa, closeSession, endSession, reasonFor } from "./task/session-end.ts";
import type { Tracer } from "./trace.ts";

/** What the engine is built on. */
export interface IkeEngineOptions {
  /** Source of nonces, SPIs, private keys, IVs and jitter. */
  readonly random: RandomSource;
}

/** Many sessions at once; each is one wish to be connected to one peer. */
export class IkeEngine implements Engine<IkeInput, IkeAction> {
  /** Only rises. */
  readonly counters: Readonly<IkeCounters>;
  /** Hears of every message in clear while it is set; costs nothing while it is not. */
  tracer: Tracer | undefined;
  readonly #counters: IkeCounters;
  readonly #random: RandomSource;
  readonly #registry: SaRegistry;
  readonly #keyExchanges: KeyExchangePool;
  #clock:
    | { readonly time: WallClock; readonly isEarliest: boolean; readonly at: MonotonicMs }
    | undefined;

  constructor({ random }: IkeEngineOptions) {
    this.#random = random;
    this.#registry = new SaRegistry(random);
    this.#keyExchanges = new KeyExchangePool(random);
    this.#counters = newCounters();
    this.counters = this.#counters;
  }

  handle(input: IkeInput, now: MonotonicMs): readonly IkeAction[] {
    if (input.kind === "wall-clock") this.#setClock(input, now);
    const turn = this.#turn(now);
    this.#take(turn, input);
    for (const session of this.#registry.sessions()) sendQueued(turn, session);
    if (input.kind === "timeout" && turn.actions.length === 0) this.#keyExchanges.refill();
    return turn.actions;
  }

  nextTimeout(): MonotonicMs | undefined {
    return earliest(...this.#registry.sessions().map(nextDeadline));
  }

  /** Every IKE SA, attempts included, as `show` prints them. */
  sessions(now: MonotonicMs): readonly IkeSaView[] {
    return this.#registry.sessions().flatMap((session) => viewSession(session, now));
  }

  /** Wipes every key and forgets all, telling nobody: for the end of the process, after `terminate` had its chance. */
  close(): void {
    for (const session of this.#registry.sessions()) {
      for (const sa of [...session.ikeSas]) closeIkeSa(session, sa);
      for (const child of session.children) child.wipe();
      session.isOver = true;
      this.#registry.remove(session);
    }
  }

  #take(turn: Turn, input: IkeInput): void {
    switch (input.kind) {
      case "datagram":
        receiveDatagram(turn, input);
        return;
      case "timeout":
        for (const session of this.#registry.sessions()) runTimers(turn, session);
        return;
      case "wall-clock":
        for (const session of this.#registry.sessions()) judgeAgain(turn, session);
        return;
      case "initiate":
        this.#initiate(turn, input);
        return;
      case "sa-expired":
        this.#expire(turn, input);
        return;
      case "sa-install-failed":
        this.#withChild(input.spi, ({ session, child }) =>
          childInstallFailed(turn, session, child, input),
        );
        return;
      case "mapping-changed":
        this.#withChild(input.spi, ({ session }) => followMapping(turn, session, input.remote));
        return;
      default: {
        const session = this.#registry.session(input.session);
        if (session) this.#forSession(turn, session, input);
      }
    }
  }

  #forSession(
    turn: Turn,
    session: Session,
    input: Extract<
      IkeInput,
      { readonly kind: "terminate" | "rekey-ike" | "rekey-child" | "check-liveness" | "traffic" }
    >,
  ): void {
    switch (input.kind) {
      case "terminate":
        this.#terminate(turn, session, input);
        return;
      case "rekey-ike":
        if (session.ike && !session.ending) session.ike.enqueue({ kind: "rekey-ike" });
        return;
      case "rekey-child": {
        const child = session.activeChild;
        if (child && !session.ending) session.ike?.enqueue({ kind: "rekey-child", child });
        return;
      }
      case "check-liveness":
        checkLiveness(turn, session);
        return;
      case "traffic":
        noteTraffic(turn, session, input);
        noteChildTraffic(turn, session, input.inboundSpis ?? []);
        return;
    }
  }

  #initiate(turn: Turn, input: Extract<IkeInput, { readonly kind: "initiate" }>): void {
    const { session: id, connection, path } = input;
    invariant(!this.#registry.session(id), `session ${id} exists already`);
    const session = new Session(id, connection, path, turn.now);
    this.#registry.add(session);
    startAttempt(turn, session);
  }

  #terminate(
    turn: Turn,
    session: Session,
    input: Extract<IkeInput, { readonly kind: "terminate" }>,
  ): void {
    const reason = reasonFor(session, "ike.terminated", { reason: input.reason });
    if (!session.ending) closeSession(turn, session, reason);
    if (input.expectAnswer !== false || session.isOver) return;
    sendQueued(turn, session);
    endSession(turn, session, session.ending ?? reason);
  }

  #expire(turn: Turn, input: Extract<IkeInput, { readonly kind: "sa-expired" }>): void {
    this.#withChild(input.spi, ({ session, child }) => {
      if (input.hard) expireChild(turn, session, child);
      else session.ike?.enqueue({ kind: "rekey-child", child });
    });
  }

  #withChild(
    spi: number,
    work: (found: NonNullable<ReturnType<SaRegistry["child"]>>) => void,
  ): void {
    const found = this.#registry.child(spi);
    if (found && !found.session.ending) work(found);
  }

  #setClock(
    { time, isEarliest = false }: Extract<IkeInput, { readonly kind: "wall-clock" }>,
    now: MonotonicMs,
  ): void {
    this.#clock = { time, isEarliest, at: now };
  }

  #turn(now: MonotonicMs): Turn {
    const clock = this.#clock;
    return new Turn({
      now,
      wallClock: clock && {
        time: (clock.time + elapsed(clock.at, now)) as WallClock,
        isEarliest: clock.isEarliest,
      },
      random: this.#random,
      registry: this.#registry,
      counters: this.#counters,
      keyExchanges: this.#keyExchanges,
      trace: this.tracer,
    });
  }
}

/**
 * One wish to be connected to one peer, over all the IKE SAs that serve it: the first, those of rekeys, those on their
 * way out. Holds what outlives an IKE SA. RFC 7296 §2.8, §2.18.
 */
import { Deadlines } from "#lib/deadlines.ts";
import type { Duration, MonotonicMs } from "#lib/duration.ts";
import type { SessionOutcome } from "../actions.ts";
import type { IkeConnection, Path } from "../connection.ts";
import type { Reason } from "../down-reason.ts";
import type { SessionId } from "../inputs.ts";
import type { ChildSa } from "./child-sa.ts";
import type { IkeSa } from "./ike-sa.ts";
import type { InitAttempt } from "./init-attempt.ts";
import type { SessionTimer } from "./timers.ts";

/** See the file's head. */
export class Session {
  readonly id: SessionId;
  readonly connection: IkeConnection;
  readonly startedAt: MonotonicMs;
  readonly timers = new Deadlines<SessionTimer>();
  /** Every IKE SA with keys, newest last. */
  readonly ikeSas = new Set<IkeSa>();
  readonly children = new Set<ChildSa>();
  /** Where the peer is now. */
  path: Path;
  /** IKE_SA_INIT under way; undefined once an answer has authenticated itself. */
  attempt: InitAttempt | undefined;
  /** The IKE SA that new requests go by; undefined before authentication. */
  ike: IkeSa | undefined;
  /** What `session-up` said; undefined before. */
  outcome: SessionOutcome | undefined;
  /** How each side proved itself, for `show`. */
  readonly authentication = { local: "", remote: "" };
  /** Proven by the peer. */
  peerIdentity: string | undefined;
  /** Last authentic IKE message or ESP packet from the peer. */
  lastHeard: MonotonicMs;
  /** Last datagram to the peer, IKE or ESP. */
  lastSent: MonotonicMs;
  /** Last liveness check that an unprotected message caused. */
  lastHint: MonotonicMs | undefined;
  /** First TEMPORARY_FAILURE of an unbroken row. */
  temporaryFailureSince: MonotonicMs | undefined;
  /** AUTH_LIFETIME of the hub. RFC 4478 */
  authLifetime: Duration | undefined;
  ikeRekeys = 0;
  childRekeys = 0;
  /** Why the session is being closed; reported when the Delete is answered or given up. */
  ending: Reason | undefined;
  isOver = false;

  constructor(id: SessionId, connection: IkeConnection, path: Path, now: MonotonicMs) {
    this.id = id;
    this.connection = connection;
    this.path = path;
    this.startedAt = now;
    this.lastHeard = now;
    this.lastSent = now;
  }

  /** The child that traffic leaves by; undefined when there is none. */
  get activeChild(): ChildSa | undefined {
    let active: ChildSa | undefined;
    for (const child of this.children) if (child.isLive) active = child;
    return active;
  }

  childByInboundSpi(spi: number): ChildSa | undefined {
    for (const child of this.children) if (child.spiIn === spi) return child;
    return undefined;
  }

  childByOutboundSpi(spi: number): ChildSa | undefined {
    for (const child of this.children) if (child.spiOut === spi) return child;
    return undefined;
  }
}

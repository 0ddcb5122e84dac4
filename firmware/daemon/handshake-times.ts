/** How long connecting takes: from the first byte of IKE_SA_INIT to the Child SA in the kernel. For the log and `make bench`. */
import type { SessionId } from "#ike/inputs.ts";
import type { Duration, MonotonicMs } from "#lib/duration.ts";

export class HandshakeTimes {
  readonly #firstSent = new Map<SessionId, MonotonicMs>();

  /** A datagram of the session leaves; only the first one counts. */
  sent(session: SessionId, now: MonotonicMs): void {
    if (!this.#firstSent.has(session)) this.#firstSent.set(session, now);
  }

  /** The session's Child SA is in the kernel. @returns the time since the first byte; undefined when that was not seen. */
  installed(session: SessionId, now: MonotonicMs): Duration | undefined {
    const first = this.#firstSent.get(session);
    return first === undefined ? undefined : ((now - first) as Duration);
  }

  forget(session: SessionId): void {
    this.#firstSent.delete(session);
  }
}

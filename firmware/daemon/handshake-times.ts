/** How long connecting takes: from the first byte of IKE_SA_INIT to the Child SA in the kernel. For the log and `make bench`. */
import type { SessionId } from "#ike/inputs.ts";
import type { Duration, MonotonicMs } from "#lib/duration.ts";

export class HandshakeTimes {
  readonly #firstSent = new Map<SessionId, MonotonicMs>();
  readonly #done = new Set<SessionId>();

  /** A datagram of the session leaves; only the first one counts. */
  sent(session: SessionId, now: MonotonicMs): void {
    if (this.#done.has(session) || this.#firstSent.has(session)) return;
    this.#firstSent.set(session, now);
  }

  /** True until the session's first Child SA is in the kernel. */
  isOpen(session: SessionId): boolean {
    return this.#firstSent.has(session);
  }

  /** The session's Child SA is in the kernel. @returns the time since the first byte; undefined after the first call. */
  installed(session: SessionId, now: MonotonicMs): Duration | undefined {
    const first = this.#firstSent.get(session);
    this.#firstSent.delete(session);
    this.#done.add(session);
    return first === undefined ? undefined : ((now - first) as Duration);
  }

  forget(session: SessionId): void {
    this.#firstSent.delete(session);
    this.#done.delete(session);
  }
}

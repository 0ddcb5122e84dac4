/**
 * By which interface and gateway each session's hub is reached, asked of the kernel when the session is opened: once the
 * tunnel's routes exist, a route to the protected networks may hide the way to the hub.
 */
import type { Underlay } from "#flexvpn/inputs.ts";
import type { SessionId } from "#ike/inputs.ts";
import type { IpAddress } from "#lib/ip.ts";

export type FindUnderlay = (
  address: IpAddress,
  source: string | undefined,
) => Promise<Underlay | undefined>;

export class Underlays {
  readonly #find: FindUnderlay;
  readonly #bySession = new Map<SessionId, Underlay | undefined>();

  constructor(find: FindUnderlay) {
    this.#find = find;
  }

  /** Begins to ask; the kernel answers long before the hub does. */
  ask(session: SessionId, address: IpAddress, source: string | undefined): void {
    this.#bySession.set(session, undefined);
    void this.#find(address, source).then((underlay) => {
      if (this.#bySession.has(session)) this.#bySession.set(session, underlay);
    });
  }

  /** undefined when the kernel knew no way, or has not answered. */
  of(session: SessionId): Underlay | undefined {
    return this.#bySession.get(session);
  }

  forget(session: SessionId): void {
    this.#bySession.delete(session);
  }
}

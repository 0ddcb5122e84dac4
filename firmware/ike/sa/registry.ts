/**
 * Finds sessions, IKE SAs and children by the SPIs that messages and the kernel name them by, and chooses new SPIs that
 * are in nobody's use. Knows no protocol beyond that.
 */
import type { RandomSource } from "#lib/engine.ts";
import type { SessionId } from "../inputs.ts";
import type { IkeSpi } from "../message/message.ts";
import type { ChildSa } from "./child-sa.ts";
import type { IkeSa, Session } from "./ike-sa.ts";

/** See the file's head. */
export class SaRegistry {
  readonly #sessions = new Map<SessionId, Session>();
  readonly #random: RandomSource;

  constructor(random: RandomSource) {
    this.#random = random;
  }

  add(session: Session): void {
    this.#sessions.set(session.id, session);
  }

  remove(session: Session): void {
    this.#sessions.delete(session.id);
  }

  session(id: SessionId): Session | undefined {
    return this.#sessions.get(id);
  }

  sessions(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  /** The IKE SA with these SPIs; candidates of one attempt share ours and differ in the peer's. */
  ikeSa(ownSpi: IkeSpi, peerSpi: IkeSpi, isInitiator: boolean): IkeSa | undefined {
    for (const session of this.#sessions.values())
      for (const sa of session.ikeSas)
        if (sa.ownSpi === ownSpi && sa.peerSpi === peerSpi && sa.isInitiator === isInitiator)
          return sa;
    return undefined;
  }

  /** The session whose IKE_SA_INIT has this SPI. */
  attempt(ownSpi: IkeSpi): Session | undefined {
    for (const session of this.#sessions.values())
      if (session.attempt?.spi === ownSpi) return session;
    return undefined;
  }

  /** The child with this SPI in either direction: the kernel names SAs by it. */
  child(spi: number): { session: Session; child: ChildSa } | undefined {
    for (const session of this.#sessions.values()) {
      const child = session.childByInboundSpi(spi) ?? session.childByOutboundSpi(spi);
      if (child) return { session, child };
    }
    return undefined;
  }

  /** A new IKE SPI, never 0. */
  newIkeSpi(): IkeSpi {
    for (;;) {
      const bytes = this.#random(8);
      const spi = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0);
      if (spi !== 0n && !this.#usesIkeSpi(spi)) return spi;
    }
  }

  /** A new inbound ESP SPI in 0xc0000000 to 0xcfffffff. */
  newEspSpi(): number {
    for (;;) {
      const bytes = this.#random(4);
      const value = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
      const spi = ((value & 0x0fff_ffff) | 0xc000_0000) >>> 0;
      if (!this.#usesEspSpi(spi)) return spi;
    }
  }

  #usesIkeSpi(spi: IkeSpi): boolean {
    for (const session of this.#sessions.values()) {
      if (session.attempt?.spi === spi) return true;
      for (const sa of session.ikeSas) if (sa.ownSpi === spi) return true;
    }
    return false;
  }

  #usesEspSpi(spi: number): boolean {
    for (const session of this.#sessions.values()) if (session.childByInboundSpi(spi)) return true;
    return false;
  }
}

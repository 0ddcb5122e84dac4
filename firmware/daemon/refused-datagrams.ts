/** Tells that the kernel does not take datagrams: each is lost as if the network had lost it, and nobody else would say so. */
import { after, type Duration, type MonotonicMs, minutes } from "#lib/duration.ts";
import type { SocketFault } from "#linux/socket/socket-fault.ts";
import type { EventDraft } from "#state/event.ts";
import { severityOf } from "#state/mnemonics.ts";

export class RefusedDatagrams {
  readonly #record: (event: EventDraft) => void;
  /** When each fault may be told again. */
  readonly #quietUntil = new Map<string, MonotonicMs>();

  constructor(record: (event: EventDraft) => void) {
    this.#record = record;
  }

  /** An event for a fault that was not told lately. */
  note({ code, what, remedy }: SocketFault, now: MonotonicMs): void {
    if (code !== "socket.send-failed" || (this.#quietUntil.get(what) ?? now) > now) return;
    if (this.#quietUntil.size >= REMEMBERED) this.#quietUntil.clear();
    this.#quietUntil.set(what, after(now, QUIET));
    this.#record({
      severity: severityOf("FLEXSPOKE-4-DATAGRAM_REFUSED"),
      mnemonic: "FLEXSPOKE-4-DATAGRAM_REFUSED",
      message: `${what}; ${remedy}`,
      data: { "reason-code": code },
    });
  }
}

/** A retransmission that is refused again is no news. */
const QUIET: Duration = minutes(2);
/** Hubs change their addresses for years. */
const REMEMBERED = 64;

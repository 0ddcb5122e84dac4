/** The sentences in which a dialer tells what it did and why. It words what `dialer-moves.ts` decided. */
import { type Duration, formatDuration } from "#lib/duration.ts";
import { dialerSubject, type EventDraft, type EventSubject } from "#state/event.ts";
import { type MnemonicName, severityOf } from "#state/mnemonics.ts";
import type { DialWhy, LineEnd, LineFacts } from "./line.ts";

type Data = Readonly<Record<string, unknown>>;

/** Words events of one dialer; every one of them is about the dialer, so that the next can name it as its cause. */
export class DialerEvents {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  dialing(demand: string, attempt: number, cause: EventSubject | undefined): EventDraft {
    const data = { attempt, "demanded-by": demand };
    return this.#event("FLEXSPOKE-6-DIALING", `dialing for ${demand}`, data, cause);
  }

  up(facts: LineFacts, took: Duration): EventDraft {
    const device = facts.interface === undefined ? "the line" : `interface ${facts.interface}`;
    const addresses = facts.addresses?.length ? `, address ${facts.addresses.join(" and ")}` : "";
    return this.#event(
      "DIALER-6-BIND",
      `${device} is up after ${formatDuration(took)}${addresses}`,
      { ...facts, seconds: took / 1_000 },
      this.#self,
    );
  }

  down(why: DialWhy, held: Duration): EventDraft {
    const message = `the line was hung up after ${formatDuration(held)}: ${why.message}`;
    return this.#event("DIALER-6-UNBIND", message, { seconds: held / 1_000 }, this.#self);
  }

  lost(end: LineEnd, held: Duration): EventDraft {
    const message = `the line went down after ${formatDuration(held)}: ${sentence(end)}`;
    const data = { "reason-code": end.code, seconds: held / 1_000 };
    return this.#event("FLEXSPOKE-4-DIAL_LOST", message, data, this.#self);
  }

  failed(end: LineEnd, failures: number): EventDraft {
    const data = { "reason-code": end.code, "failures-in-a-row": failures };
    return this.#event("FLEXSPOKE-4-DIAL_FAILED", sentence(end), data, this.#self);
  }

  released(idle: Duration, cause: EventSubject | undefined): EventDraft {
    const message = `nobody demands the line any more; it is hung up in ${formatDuration(idle)} unless somebody does`;
    return this.#event("FLEXSPOKE-6-DIAL_RELEASED", message, { seconds: idle / 1_000 }, cause);
  }

  hangingUp(why: DialWhy, cause: EventSubject | undefined): EventDraft {
    return this.#event("FLEXSPOKE-6-HANGING_UP", `hangs up: ${why.message}`, {}, cause);
  }

  killed(what: string): EventDraft {
    const message = `${what} did not end when asked to and is killed`;
    return this.#event("FLEXSPOKE-4-DIAL_KILLED", message, {}, this.#self);
  }

  stuck(): EventDraft {
    const message =
      "the program does not end even when killed: see the kernel log for its driver; the dialer can't be used until it ends";
    return this.#event("FLEXSPOKE-3-DIAL_STUCK", message, {}, this.#self);
  }

  reset(why: DialWhy): EventDraft {
    const data = { "reason-code": why.code };
    return this.#event(
      "FLEXSPOKE-4-MODEM_RESET",
      `resets the modem: ${why.message}`,
      data,
      this.#self,
    );
  }

  resetFailed(end: LineEnd): EventDraft {
    const message = `the modem could not be reset: ${sentence(end)}`;
    return this.#event("FLEXSPOKE-4-DIAL_FAILED", message, { "reason-code": end.code }, this.#self);
  }

  backoff(wait: Duration, why: DialWhy): EventDraft {
    const data = { seconds: wait / 1_000, "reason-code": why.code };
    const message = `dials again in ${formatDuration(wait)}`;
    return this.#event("FLEXSPOKE-5-DIAL_BACKOFF", message, data, this.#self);
  }

  leftover(): EventDraft {
    const message = "hangs up the line that an earlier process of the daemon had dialled";
    return this.#event("FLEXSPOKE-5-DIALER_LEFTOVER", message, {}, undefined);
  }

  changed(message: string): EventDraft {
    return this.#event("FLEXSPOKE-5-DIALER_CHANGED", message, {}, undefined);
  }

  get #self(): EventSubject {
    return dialerSubject(this.#name);
  }

  #event(
    mnemonic: MnemonicName,
    message: string,
    data: Data,
    cause: EventSubject | undefined,
  ): EventDraft {
    return {
      severity: severityOf(mnemonic),
      mnemonic,
      message: `dialer ${this.#name}: ${message}`,
      data: { dialer: this.#name, ...data },
      subjects: [this.#self],
      ...(cause === undefined ? {} : { cause }),
    };
  }
}

/** What happened, and what to do. */
export function sentence({ message, remedy }: DialWhy): string {
  return remedy === undefined ? message : `${message} (${remedy})`;
}

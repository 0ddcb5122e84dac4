/** Logging in over TCP: checks one password at a time, slows guessers down and tells of it. */
import type { IpAddress } from "#lib/ip.ts";
import { type EventDraft, webSubject } from "#state/event.ts";
import { type MnemonicName, severityOf } from "#state/mnemonics.ts";
import { LoginGuard } from "./login-guard.ts";
import { isPassword, nobodysHash } from "./password.ts";
import type { Sessions } from "./sessions.ts";
import type { Users } from "./users.ts";

/** What came of an attempt; `retryAfter` in seconds. */
export type LoginOutcome =
  | { readonly kind: "in"; readonly token: string }
  | { readonly kind: "wrong" }
  | { readonly kind: "wait"; readonly retryAfter: number };

export interface LoginOptions {
  readonly users: Users;
  readonly sessions: Sessions;
  /** Takes what happened, for the event log. */
  readonly record: (event: EventDraft) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Checks that may wait for the one before: scrypt takes memory, and strangers are many. */
const MOST_WAITING = 8;
/** Failures told a minute, from all addresses together. */
const MOST_TOLD = 10;
const MINUTE = 60_000;

export class Login {
  readonly #options: LoginOptions;
  readonly #guard = new LoginGuard();
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();
  #told = { since: Number.NEGATIVE_INFINITY, count: 0 };

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /** @param from who asks. */
  async attempt(user: string, password: string, from: IpAddress): Promise<LoginOutcome> {
    const { users, sessions, now } = this.#options;
    const wait = this.#guard.wait(from, now());
    if (wait > 0) return { kind: "wait", retryAfter: Math.ceil(wait / 1_000) };
    if (this.#waiting >= MOST_WAITING) return { kind: "wait", retryAfter: 2 };
    const hash = users.hashOf(user);
    const isRight = await this.#inTurn(() => isPassword(password, hash ?? nobodysHash));
    // Those who asked at once have failed meanwhile.
    const late = this.#guard.wait(from, now());
    if (late > 0) return { kind: "wait", retryAfter: Math.ceil(late / 1_000) };
    if (!hash || !isRight) {
      const failures = this.#guard.failed(from, now());
      this.#tellFailure(from, failures);
      return { kind: "wrong" };
    }
    this.#guard.succeeded(from);
    this.#tell("SEC_LOGIN-5-LOGIN_SUCCESS", `${user} logged in from ${from}`, { user, from });
    return { kind: "in", token: sessions.begin(user, hash) };
  }

  async #inTurn<Result>(check: () => Promise<Result>): Promise<Result> {
    this.#waiting++;
    const turn = this.#last.then(check);
    this.#last = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting--;
    }
  }

  /** The user name is not told: people type their password there. */
  #tellFailure(from: IpAddress, failures: number): void {
    const now = this.#options.now();
    if (now - this.#told.since >= MINUTE) this.#told = { since: now, count: 0 };
    if (++this.#told.count > MOST_TOLD) return;
    this.#tell(
      "SEC_LOGIN-4-LOGIN_FAILED",
      `a login to the page from ${from} failed (${failures} in a row): if nobody mistyped, look for who is there`,
      { from, failures },
    );
  }

  #tell(
    mnemonic: MnemonicName,
    message: string,
    data: Readonly<Record<string, string | number>>,
  ): void {
    const severity = severityOf(mnemonic);
    this.#options.record({ severity, mnemonic, message, data, subjects: [webSubject] });
  }
}

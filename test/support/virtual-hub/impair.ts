/**
 * The ways in which the virtual hub misbehaves on order, by name. This is the documented list: a test says
 * `hub.impair({ kind: "wrong-auth" })` and `hub.behave()` ends it. An impairment with `times` wears off by itself.
 * What strangers do (forged answers, garbage) is not the hub's doing: see `stranger.ts`.
 */

/** Which messages of the hub an impairment is about; a member left out matches all. */
export interface MessageMatch {
  readonly exchange?: number;
  readonly isResponse?: boolean;
}

interface Limited {
  /** How often it applies; for ever when left out. */
  readonly times?: number;
}

export type Impairment = Limited &
  (
    | /** Hears and says nothing, as if unplugged. */ { readonly kind: "silent" }
    /** Builds the message and loses it. */
    | { readonly kind: "drop"; readonly match: MessageMatch }
    /** Sends the message twice. */
    | { readonly kind: "duplicate"; readonly match: MessageMatch }
    /** Flips one bit near the end of the datagram, in the check value of protected ones. */
    | { readonly kind: "corrupt"; readonly match: MessageMatch }
    /** Numbers the message wrongly by `offset`, under a right check value. */
    | { readonly kind: "wrong-message-id"; readonly match: MessageMatch; readonly offset: number }
    /** Sends every protected message sent before once more after each message. */
    | { readonly kind: "replay-old" }
    /** Answers a request only when it has come `retransmissions` times more. */
    | {
        readonly kind: "answer-late";
        readonly exchange?: number;
        readonly retransmissions: number;
      }
    /** Flips a bit of its AUTH. */
    | { readonly kind: "wrong-auth" }
    /** Claims an identity nobody expects, properly authenticated. */
    | { readonly kind: "wrong-identity"; readonly fqdn: string }
    /** Uses another secret for its own AUTH. */
    | { readonly kind: "wrong-psk" }
    /** Answers a request of this exchange with nothing but this error. */
    | {
        readonly kind: "refuse";
        readonly exchange: number;
        readonly notify: number;
        readonly data?: Uint8Array;
      }
    /** Authenticates, but answers the Child SA part of IKE_AUTH with this error. */
    | { readonly kind: "refuse-child"; readonly notify: number }
    /** Adds a payload of an unknown type. */
    | {
        readonly kind: "unknown-payload";
        readonly match: MessageMatch;
        readonly isCritical: boolean;
      }
    /** Adds a notify of this number. */
    | { readonly kind: "extra-notify"; readonly match: MessageMatch; readonly notify: number }
    /** Adds attributes nobody knows to its configuration reply, and known ones of impossible length. */
    | { readonly kind: "odd-attributes" }
    /** Chooses a cipher that was not offered, or changes the proposal's number. */
    | {
        readonly kind: "proposal-not-offered";
        readonly exchange: number;
        readonly how: "cipher" | "number" | "two-proposals" | "spi-size";
      }
    /** Answers with selectors wider than asked for. */
    | { readonly kind: "widened-selectors" }
    /** Sends fragments that claim a `total` they do not have, or come as number 0. */
    | {
        readonly kind: "odd-fragments";
        readonly how: "endless-total" | "number-zero" | "number-beyond-total";
      }
    /** Leaves a payload type out of its answer. */
    | { readonly kind: "omit"; readonly match: MessageMatch; readonly payload: number }
    /** Sends the payloads of its answers in reverse order, which RFC 7296 §2.5 allows. */
    | { readonly kind: "reverse-payloads" }
    /** Answers every request that deletes or rekeys as usual but forgets to do it. */
    | { readonly kind: "ignore-deletes" }
  );

export type ImpairmentKind = Impairment["kind"];

/** What is switched on now. */
export class Impairments {
  #active: { impairment: Impairment; left: number }[] = [];

  add(impairment: Impairment): void {
    this.#active.push({ impairment, left: impairment.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#active = [];
  }

  /** The first active impairment of a kind that passes `test`; it is used up by one. */
  take<Kind extends ImpairmentKind>(
    kind: Kind,
    test: (impairment: Extract<Impairment, { kind: Kind }>) => boolean = () => true,
  ): Extract<Impairment, { kind: Kind }> | undefined {
    for (const entry of this.#active) {
      if (entry.impairment.kind !== kind || entry.left <= 0) continue;
      const candidate = entry.impairment as Extract<Impairment, { kind: Kind }>;
      if (!test(candidate)) continue;
      entry.left--;
      return candidate;
    }
    return undefined;
  }
}

/** True when a message is one that `match` is about. */
export function matches(match: MessageMatch, exchange: number, isResponse: boolean): boolean {
  return (
    (match.exchange === undefined || match.exchange === exchange) &&
    (match.isResponse === undefined || match.isResponse === isResponse)
  );
}

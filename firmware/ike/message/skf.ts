/**
 * Fragmented messages: cutting before sealing, and putting together what was opened. Every fragment is sealed by itself,
 * so a stranger's bytes never reach the queue. RFC 7383 §2.5, §2.6
 *
 *   sealFragments(header, payloads, cipher, maxMessageBytes): readonly Uint8Array[]
 *   new Reassembly().accept(sealed, cipher): ReassemblyStep
 */
import type { SkCipher } from "#crypto/sk-cipher.ts";
import { ByteWriter, concatBytes } from "#lib/bytes.ts";
import { invariant } from "#lib/invariant.ts";
import { failed, type Result } from "#lib/result.ts";
import type { DecodeError } from "./decode-error.ts";
import { HEADER_BYTES } from "./header.ts";
import { PayloadType } from "./iana.ts";
import type { IkeHeader, Payload, SealedMessage } from "./message.ts";
import {
  decodePayloads,
  encodePayloads,
  firstPayloadNumber,
  GENERIC_HEADER_BYTES,
} from "./payload-chain.ts";
import { badPadding, sealBody } from "./sk.ts";

/**
 * Writes and seals a message in as few pieces as fit.
 *
 * @param maxMessageBytes largest IKE message, without IP and UDP header and non-ESP marker.
 * @returns one ordinary SK message when it fits, else fragments in order. All must be sent again when one is.
 * @throws {InvariantError} when `maxMessageBytes` leaves no room, or so little that more than 65,535 pieces come out.
 */
export function sealFragments(
  header: IkeHeader,
  payloads: readonly Payload[],
  cipher: SkCipher,
  maxMessageBytes: number,
): readonly Uint8Array[] {
  const writer = new ByteWriter(1024);
  encodePayloads(writer, payloads);
  const plaintext = writer.finish();
  const firstInner = firstPayloadNumber(payloads);
  const whole = HEADER_BYTES + GENERIC_HEADER_BYTES + cipher.sealedLength(plaintext.length);
  const clear = new Uint8Array(0);
  if (whole <= maxMessageBytes) {
    const framing = { firstPayload: PayloadType.SK, clear, firstInner, fragment: clear };
    return [sealBody(header, cipher, plaintext, framing)];
  }
  const pieceBytes = largestPiece(cipher, maxMessageBytes);
  const total = Math.ceil(plaintext.length / pieceBytes);
  invariant(total <= 0xffff, "too many fragments");
  return Array.from({ length: total }, (_, index) =>
    sealBody(header, cipher, plaintext.subarray(index * pieceBytes, (index + 1) * pieceBytes), {
      firstPayload: PayloadType.SKF,
      clear,
      // Only the first fragment names the first payload: RFC 7383 §2.5.
      firstInner: index === 0 ? firstInner : PayloadType.NONE,
      fragment: new ByteWriter(4)
        .u16(index + 1)
        .u16(total)
        .finish(),
    }),
  );
}

/** What a fragment did. */
export type ReassemblyStep =
  /** The last one: the whole message, read. */
  | { readonly kind: "complete"; readonly payloads: Result<readonly Payload[], DecodeError> }
  /** Verified and kept; others are missing. */
  | { readonly kind: "waiting"; readonly have: number; readonly total: number }
  /** Changed nothing. `unverified` comes from a stranger or a broken link; the others from an honest peer. */
  | {
      readonly kind: "dropped";
      readonly reason:
        | "unverified"
        | "duplicate"
        | "smaller-total"
        | "too-many"
        | "too-large"
        | "old";
    };

/** Bounds on what one peer may make us keep. */
export interface ReassemblyLimits {
  readonly fragments: number;
  /** Opened bytes of one message. */
  readonly bytes: number;
}

/**
 * Collects the fragments of one direction of one IKE SA, one message at a time. A fragment of a later message drops what
 * was collected; whether the message ID is wanted at all is the window's business.
 */
export class Reassembly {
  readonly #limits: ReassemblyLimits;
  #queue: Queue | undefined;

  constructor(limits: ReassemblyLimits = { fragments: 256, bytes: 65_536 }) {
    this.#limits = limits;
  }

  /**
   * Takes one fragment. Those that can't be of use are dropped before any decryption.
   * @param message with `fragment` present.
   */
  accept(message: SealedMessage, cipher: SkCipher): ReassemblyStep {
    const { fragment, header } = message;
    invariant(fragment, "only fragments are reassembled");
    const { number, total } = fragment;
    const queue = this.#queue?.messageId === header.messageId ? this.#queue : undefined;
    if (this.#queue && header.messageId < this.#queue.messageId) return dropped("old");
    if (total > this.#limits.fragments) return dropped("too-many");
    if (queue && total < queue.total) return dropped("smaller-total");
    if (queue?.total === total && queue.pieces.has(number)) return dropped("duplicate");

    const plaintext = cipher.open(message.associatedData, message.sealed);
    if (plaintext === undefined) return dropped("unverified");
    if (plaintext === "bad-padding") return complete(failed(badPadding(message)));
    // A larger total means that the peer cut the message anew, into smaller pieces: RFC 7383 §2.6.1.
    const kept = queue?.total === total ? queue : emptyQueue(header.messageId, total);
    if (kept.bytes + plaintext.length > this.#limits.bytes) return dropped("too-large");
    kept.pieces.set(number, plaintext);
    kept.bytes += plaintext.length;
    if (number === 1) kept.firstInner = message.firstInner;
    this.#queue = kept;
    if (kept.pieces.size < total) return { kind: "waiting", have: kept.pieces.size, total };
    this.#queue = undefined;
    return complete(decodePayloads(kept.firstInner, joined(kept)));
  }

  /** Forgets an unfinished message. */
  clear(): void {
    this.#queue = undefined;
  }
}

interface Queue {
  readonly messageId: number;
  readonly total: number;
  readonly pieces: Map<number, Uint8Array>;
  bytes: number;
  firstInner: number;
}

function emptyQueue(messageId: number, total: number): Queue {
  return { messageId, total, pieces: new Map(), bytes: 0, firstInner: PayloadType.NONE };
}

function joined({ pieces, total }: Queue): Uint8Array {
  const inOrder = Array.from({ length: total }, (_, index) => pieces.get(index + 1));
  return concatBytes(...inOrder.filter((piece) => piece !== undefined));
}

/** Padding makes the sealed length jump by blocks, so the largest plaintext that fits is looked for from above. */
function largestPiece(cipher: SkCipher, maxMessageBytes: number): number {
  const room = maxMessageBytes - HEADER_BYTES - GENERIC_HEADER_BYTES - FRAGMENT_HEADER_BYTES;
  let length = room - cipher.sealedLength(0) + MAX_BLOCK_BYTES;
  while (length > 0 && cipher.sealedLength(length) > room) length--;
  invariant(length > 0, `fragments of ${maxMessageBytes} bytes hold nothing`);
  return length;
}

function dropped(reason: (ReassemblyStep & { kind: "dropped" })["reason"]): ReassemblyStep {
  return { kind: "dropped", reason };
}

function complete(payloads: Result<readonly Payload[], DecodeError>): ReassemblyStep {
  return { kind: "complete", payloads };
}

const FRAGMENT_HEADER_BYTES = 4;
const MAX_BLOCK_BYTES = 16;

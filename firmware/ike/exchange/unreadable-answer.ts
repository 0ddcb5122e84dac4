/**
 * What an answer to IKE_SA_INIT tells that can't be read: a hub without IKEv2 refuses in its own version, one that wants
 * more than we know says so in a critical payload. It is a note for the case that nothing better comes, never more: nobody
 * has proved anything yet. RFC 7296 §2.5, §2.21.1.
 */
import { ByteReader } from "#lib/bytes.ts";
import type { DecodeError } from "../message/decode-error.ts";
import { HEADER_BYTES } from "../message/header.ts";
import type { Turn } from "../sa/turn.ts";
import { reasonFor } from "../task/session-end.ts";

/** @param bytes a datagram that does not decode, as `error` says. */
export function noteUnreadable(turn: Turn, bytes: Uint8Array, error: DecodeError): void {
  if (bytes.length < HEADER_BYTES) return;
  const session = turn.registry.attempt(new ByteReader(bytes).u64());
  const attempt = session?.attempt;
  if (!session || !attempt) return;
  const version = bytes[VERSION_OFFSET] ?? 0;
  attempt.refusal ??=
    error.code === "ike.decode.version"
      ? reasonFor(session, "ike.version", { version: `${version >> 4}.${version & 0xf}` })
      : reasonFor(session, "ike.invalid-response", {
          exchange: "IKE_SA_INIT",
          detail: `${error.message} (${error.source})`,
          fault: error.code,
        });
}

/** RFC 7296 §3.1 */
const VERSION_OFFSET = 17;

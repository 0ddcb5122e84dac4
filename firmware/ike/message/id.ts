/**
 * Identification payloads. The body is kept as it came, reserved bytes included, because AUTH is computed over it: what
 * is sent is the body, and `type` and `data` are only readings of it. RFC 7296 §3.5, §2.15
 */
import { concatBytes } from "#lib/bytes.ts";
import { dissectBytes, reserved, rest, struct, u8 } from "./codec.ts";
import { IdType, idTypeName } from "./iana.ts";
import type { IdPayload } from "./message.ts";
import type { PayloadCodec } from "./payload.ts";

/** RFC 7296 §3.5. */
const identification = struct({ idType: u8(idTypeName), reserved: reserved(3), data: rest() });

/** RFC 7296 §3.5. */
export const idInitiatorPayload = idPayloadCodec("IDi", 35);
/** RFC 7296 §3.5. */
export const idResponderPayload = idPayloadCodec("IDr", 36);

/** An identification payload to send, with the body that AUTH covers. */
export function idPayload(type: IdPayload["type"], idType: number, data: Uint8Array): IdPayload {
  return { type, idType, data, body: concatBytes(Uint8Array.of(idType, 0, 0, 0), data) };
}

function idPayloadCodec(name: IdPayload["type"], number: number): PayloadCodec<IdPayload> {
  return {
    name,
    number,
    decode: (reader) => {
      const body = reader.peek(reader.remaining);
      const { idType, data } = identification.decode(reader, { size: 0, count: 0 });
      return { type: name, idType, data, body };
    },
    encode: (writer, payload) => {
      writer.bytes(payload.body);
    },
    dissect: ({ idType, data }) =>
      `${idTypeName(idType)} ${isText(idType) ? JSON.stringify(asText(data)) : dissectBytes(data)}`,
  };
}

function isText(idType: number): boolean {
  return idType === IdType.ID_FQDN || idType === IdType.ID_RFC822_ADDR;
}

/** Printable ASCII; anything else becomes a dot, so that a peer can't write into a log what it likes. */
function asText(data: Uint8Array): string {
  return Array.from(data.subarray(0, 256), (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
  ).join("");
}

/** Which hashes we verify signatures with, and which the peer does. RFC 7427 §4, RFC 8420 §2. */

import { concatBytes } from "#lib/bytes.ts";
import { OUR_SIGNATURE_HASHES } from "../auth/signature.ts";
import { NotifyType } from "../message/iana.ts";
import type { NotifyPayload, Payload } from "../message/message.ts";
import { notify, u16Bytes } from "./notify.ts";

/** SIGNATURE_HASH_ALGORITHMS of our IKE_SA_INIT. */
export function buildSignatureHashes(): readonly Payload[] {
  return [
    notify(
      NotifyType.SIGNATURE_HASH_ALGORITHMS,
      concatBytes(...OUR_SIGNATURE_HASHES.map(u16Bytes)),
    ),
  ];
}

/** The peer's hash ids; empty when it sent no list: it knows only the older methods. */
export function processSignatureHashes(payload: NotifyPayload | undefined): readonly number[] {
  const data = payload?.data ?? new Uint8Array(0);
  const hashes: number[] = [];
  for (let at = 0; at + 1 < data.length; at += 2)
    hashes.push(((data[at] ?? 0) << 8) | (data[at + 1] ?? 0));
  return hashes;
}

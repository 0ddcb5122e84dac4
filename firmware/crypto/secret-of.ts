import { SecretBytes } from "#lib/secret.ts";

/** Takes over a secret that node:crypto gave as a `Buffer`: the same memory, so that wiping it leaves no copy. */
export function secretOf(bytes: Buffer): SecretBytes {
  return new SecretBytes(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
}

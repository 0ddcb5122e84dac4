import { createSecretKey, KeyObject } from "node:crypto";
import { SecretBytes } from "#lib/secret.ts";

/**
 * The form of a key that `createHmac` takes at once: given bytes, it first looks for a key object in them, which costs
 * more than the HMAC itself. OpenSSL wipes its copy when the key object is collected.
 */
export function hmacKey(key: SecretBytes | Uint8Array | KeyObject): KeyObject {
  if (key instanceof KeyObject) return key;
  return createSecretKey(key instanceof SecretBytes ? key.reveal() : key);
}

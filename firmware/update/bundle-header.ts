/**
 * The head of an update bundle (`.fsu`): the magic line, the length of the manifest, the manifest, its Ed25519 signature.
 * Writes it and reads it; the payload behind it is `bundle-reader.ts`.
 */
import type { KeyObject } from "node:crypto";
import { sign, verify } from "#crypto/signature.ts";
import { concatBytes } from "#lib/bytes.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import { type Manifest, parseManifest } from "./manifest.ts";
import { type UpdateFault, updateFault } from "./update-fault.ts";

/** What every bundle begins with. */
export const MAGIC: Uint8Array = new TextEncoder().encode("FSUPDATE1\n");
/** Before the manifest: the magic, and its length as u32, big-endian. */
export const PREFIX_BYTES = MAGIC.length + 4;
/** RFC 8032 §5.1.6 */
export const SIGNATURE_BYTES = 64;
/** The manifest of a system of 4 GiB. Nothing is kept of what claims more. */
export const MOST_MANIFEST_BYTES = 512 * 1024;

/** A key whose signatures this device accepts. */
export interface UpdateKey {
  /** File name without `.pub`, for people. */
  readonly name: string;
  /** Ed25519. */
  readonly key: KeyObject;
}

const scheme = { kind: "ed25519" } as const;

/** The head of a bundle. @param key private, Ed25519. @throws {Error} of node:crypto for another kind of key. */
export function encodeHeader(manifest: Manifest, key: KeyObject): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(manifest));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, text.length);
  return concatBytes(MAGIC, length, text, sign(scheme, key, text));
}

/** @returns the length of the manifest in bytes. @param prefix the first `PREFIX_BYTES`. */
export function decodePrefix(prefix: Uint8Array): Result<number, UpdateFault> {
  const isOurs = MAGIC.every((byte, index) => prefix[index] === byte);
  if (!isOurs)
    return failed(
      updateFault(
        "update.not-a-bundle",
        "this is no update bundle: give a file that ends in .fsu, as it was downloaded",
      ),
    );
  const length = new DataView(prefix.buffer, prefix.byteOffset).getUint32(MAGIC.length);
  if (length === 0 || length > MOST_MANIFEST_BYTES)
    return failed(
      updateFault("update.not-a-bundle", "the bundle's head is damaged: download it again"),
    );
  return ok(length);
}

/** @returns the manifest once one of `keys` is found to have signed it, and which. */
export function decodeManifest(
  text: Uint8Array,
  signature: Uint8Array,
  keys: readonly UpdateKey[],
): Result<{ readonly manifest: Manifest; readonly signer: string }, UpdateFault> {
  const signer = keys.find(({ key }) => verify(scheme, key, text, signature));
  if (!signer) return failed(updateFault("update.unsigned", unsigned(keys)));
  const manifest = parseManifest(new TextDecoder().decode(text));
  if (!manifest.ok)
    return failed(
      updateFault(
        "update.manifest",
        `the bundle is signed, but its manifest is wrong: ${manifest.error} (have it made again)`,
      ),
    );
  return ok({ manifest: manifest.value, signer: signer.name });
}

function unsigned(keys: readonly UpdateKey[]): string {
  if (keys.length === 0)
    return "this device has no key to check updates by, so it takes none (/etc/flexspoke/update-keys is empty)";
  const names = keys.map(({ name }) => name).join(", ");
  return `the bundle is not signed by a key of this device (${names}), or its head is damaged: download it again from the vendor`;
}

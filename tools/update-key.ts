/**
 * Makes a pair of keys that updates are signed and checked by: `FOLDER/NAME.key`, for nobody's eyes, and `FOLDER/NAME.pub`,
 * which goes into images as `/etc/flexspoke/update-keys/NAME.pub`. A pair that is there is kept.
 *
 *     node tools/update-key.ts FOLDER [NAME]
 */
import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

/** Files of a key pair. */
export interface UpdateKeyFiles {
  /** PKCS #8 PEM, mode 0600. */
  readonly privateKey: string;
  /** SubjectPublicKeyInfo PEM. RFC 8410 */
  readonly publicKey: string;
}

/** @returns the pair `name` of `folder`, made if it is not there. */
export function updateKey(folder: string, name: string): UpdateKeyFiles {
  const files = {
    privateKey: path.join(folder, `${name}.key`),
    publicKey: path.join(folder, `${name}.pub`),
  };
  if (existsSync(files.privateKey) && existsSync(files.publicKey)) return files;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { privateKey, publicKey } = generateKeyPairSync("ed25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  writeFileSync(files.privateKey, privateKey, { mode: 0o600 });
  writeFileSync(files.publicKey, publicKey, { mode: 0o644 });
  return files;
}

if (import.meta.main) {
  const [folder, name = "development"] = process.argv.slice(2);
  if (folder === undefined || !/^[A-Za-z0-9._-]+$/.test(name))
    throw new Error("usage: node tools/update-key.ts FOLDER [NAME]");
  const { privateKey, publicKey } = updateKey(folder, name);
  console.log(`${privateKey} (keep it to yourself) and ${publicKey}`);
}

/** Small update bundles, made by the very tool that makes real ones. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { UpdateKey } from "#update/bundle-header.ts";
import { CHUNK_BYTES, type PartName } from "#update/manifest.ts";
import { makeUpdate } from "../../../tools/make-update.ts";

export interface ExampleBundle {
  /** The whole file. */
  readonly bytes: Uint8Array;
  /** What each part is made of. */
  readonly parts: Readonly<Record<PartName, Uint8Array>>;
}

export interface ExampleOptions {
  readonly version?: string;
  readonly built?: string;
  readonly board?: readonly string[];
  /** Distinguishes the contents. */
  readonly fill?: number;
  readonly key?: KeyObject;
}

const pair = generateKeyPairSync("ed25519");

/** The key that example bundles are signed with, as a device knows it. */
export const exampleKey: UpdateKey = { name: "example", key: pair.publicKey };
/** The same key as a vendor has it, PEM. */
export const examplePrivatePem = pair.privateKey.export({ type: "pkcs8", format: "pem" });
/** A key that no device knows. */
export const strangeKey: KeyObject = createPrivateKey(
  generateKeyPairSync("ed25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  }).privateKey,
);
/** The public half as the image has it, PEM. */
export const examplePublicPem = createPublicKey(pair.privateKey).export({
  type: "spki",
  format: "pem",
});

/** A boot part with a chunk of zeros in its middle, and a root part whose last chunk is short. */
export function exampleParts(fill: number): ExampleBundle["parts"] {
  const boot = new Uint8Array(3 * CHUNK_BYTES).fill(fill);
  boot.fill(0, CHUNK_BYTES, 2 * CHUNK_BYTES);
  const root = new Uint8Array(2 * CHUNK_BYTES + 777).fill(fill + 1);
  return { boot, root };
}

export function exampleBundle(options: ExampleOptions = {}): ExampleBundle {
  const { version = "0.5.1", built = "2026-11-24T00:00:00Z", fill = 0x41 } = options;
  const { board = ["qemu-virt"], key = pair.privateKey } = options;
  const parts = exampleParts(fill);
  const folder = mkdtempSync(path.join(tmpdir(), "update-"));
  try {
    const images = { boot: path.join(folder, "boot"), root: path.join(folder, "root") };
    const out = path.join(folder, "bundle.fsu");
    writeFileSync(images.boot, parts.boot);
    writeFileSync(images.root, parts.root);
    makeUpdate({ images, board, version, built, key }, out);
    return { bytes: new Uint8Array(readFileSync(out)), parts };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Contents as their hashes: what differs is told in a line, not in a million. */
export function hashes(parts: ExampleBundle["parts"]): Readonly<Record<PartName, string>> {
  const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
  return { boot: hash(parts.boot), root: hash(parts.root) };
}

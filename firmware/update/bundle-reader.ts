/**
 * Takes an update bundle apart as its bytes come in, in pieces of any size. What it hands out has been verified: the manifest
 * by its signature, each chunk by its hash in that manifest. It keeps at most one chunk and knows no disk.
 */
import { createHash } from "node:crypto";
import type { UpdateKey } from "./bundle-header.ts";
import { decodeManifest, decodePrefix, PREFIX_BYTES, SIGNATURE_BYTES } from "./bundle-header.ts";
import { CHUNK_BYTES, chunkLength, type Manifest, type PartName } from "./manifest.ts";
import { type UpdateFault, updateFault } from "./update-fault.ts";

export type BundlePiece =
  /** Comes first, once. `signer` is the name of the key. */
  | { readonly kind: "manifest"; readonly manifest: Manifest; readonly signer: string }
  /** A verified chunk and where in its part it belongs. `bytes` hold until the next piece is asked for; absent for zeros. */
  | {
      readonly kind: "chunk";
      readonly part: PartName;
      readonly offset: number;
      readonly length: number;
      readonly bytes?: Uint8Array;
    }
  /** Comes last, once: nothing that follows is taken. */
  | { readonly kind: "fault"; readonly fault: UpdateFault };

/** One chunk of the manifest, in the order of the payload. */
interface Expected {
  readonly part: PartName;
  readonly offset: number;
  readonly length: number;
  readonly hash: string | null;
}

export class BundleReader {
  readonly #keys: readonly UpdateKey[];
  /** The same for all chunks: a router has little memory, and a collector that comes late. */
  readonly #chunkBuffer = new Uint8Array(CHUNK_BYTES);
  /** What is being gathered, and how much of it is there. */
  #buffer: Uint8Array = new Uint8Array(PREFIX_BYTES);
  #filled = 0;
  #manifestLength: number | undefined;
  /** What is still to come, once the manifest is known. */
  #expected: Expected[] | undefined;
  #isOver = false;

  /** @param keys whose signatures are accepted. */
  constructor(keys: readonly UpdateKey[]) {
    this.#keys = keys;
  }

  /** Everything of the bundle was verified and handed out. */
  get isComplete(): boolean {
    return this.#expected?.length === 0 && !this.#isOver;
  }

  /** Takes the next bytes. Lazy: what follows a piece is looked at when the next one is asked for. */
  *push(bytes: Uint8Array): Generator<BundlePiece> {
    let rest = bytes;
    while (rest.length > 0 && !this.#isOver) {
      if (this.isComplete) {
        yield this.#fail(
          updateFault("update.too-long", "more follows the end of the bundle: download it again"),
        );
        return;
      }
      const taken = rest.subarray(0, this.#buffer.length - this.#filled);
      this.#buffer.set(taken, this.#filled);
      this.#filled += taken.length;
      rest = rest.subarray(taken.length);
      if (this.#filled === this.#buffer.length) yield* this.#gathered();
    }
  }

  /** The bytes are over. @returns why that is too early; undefined when the bundle was whole. */
  end(): UpdateFault | undefined {
    if (this.isComplete || this.#isOver) return undefined;
    this.#isOver = true;
    return updateFault(
      "update.truncated",
      "the bundle ends before it is whole: download it again, or give the whole file",
    );
  }

  *#gathered(): Generator<BundlePiece> {
    const gathered = this.#buffer;
    this.#filled = 0;
    if (this.#expected) yield* this.#chunk(gathered);
    else if (this.#manifestLength === undefined) yield* this.#prefix(gathered);
    else yield* this.#manifest(gathered, this.#manifestLength);
  }

  *#prefix(bytes: Uint8Array): Generator<BundlePiece> {
    const length = decodePrefix(bytes);
    if (!length.ok) {
      yield this.#fail(length.error);
      return;
    }
    this.#manifestLength = length.value;
    this.#buffer = new Uint8Array(length.value + SIGNATURE_BYTES);
  }

  *#manifest(bytes: Uint8Array, length: number): Generator<BundlePiece> {
    const read = decodeManifest(bytes.subarray(0, length), bytes.subarray(length), this.#keys);
    if (!read.ok) {
      yield this.#fail(read.error);
      return;
    }
    const { manifest, signer } = read.value;
    this.#expected = manifest.parts.flatMap((part) =>
      part.chunks.map((hash, index) => ({
        part: part.name,
        offset: index * CHUNK_BYTES,
        length: chunkLength(part, index),
        hash,
      })),
    );
    yield { kind: "manifest", manifest, signer };
    yield* this.#zeros();
  }

  *#chunk(bytes: Uint8Array): Generator<BundlePiece> {
    const expected = this.#expected?.shift();
    if (!expected) return;
    const { part, offset, length, hash } = expected;
    if (createHash("sha256").update(bytes).digest("hex") !== hash) {
      yield this.#fail(
        updateFault(
          "update.damaged",
          `the bundle is damaged in its ${part} part at byte ${offset}: download it again`,
        ),
      );
      return;
    }
    yield { kind: "chunk", part, offset, length, bytes };
    yield* this.#zeros();
  }

  /** Chunks of zeros take no bytes; then the next one that does is made room for. */
  *#zeros(): Generator<BundlePiece> {
    for (let next = this.#expected?.[0]; next; next = this.#expected?.[0]) {
      const { part, offset, length, hash } = next;
      if (hash !== null) {
        this.#buffer = this.#chunkBuffer.subarray(0, length);
        return;
      }
      this.#expected?.shift();
      yield { kind: "chunk", part, offset, length };
    }
  }

  #fail(fault: UpdateFault): BundlePiece {
    this.#isOver = true;
    return { kind: "fault", fault };
  }
}

/** Any bytes are no bundle, or give verified pieces and then an end or one fault, and never throw; signed or not. */
import { generateKeyPairSync } from "node:crypto";
import { sign } from "#crypto/signature.ts";
import { concatBytes } from "#lib/bytes.ts";
import { MAGIC, type UpdateKey } from "#update/bundle-header.ts";
import { BundleReader } from "#update/bundle-reader.ts";
import { CHUNK_BYTES } from "#update/manifest.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const keys: readonly UpdateKey[] = [{ name: "fuzz", key: publicKey }];

/** Called by the fuzzer with one input; a throw is a finding. */
export function fuzz(data: Uint8Array): void {
  if (read(data) > 0) throw new Error("something of an unsigned bundle was handed out");
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, data.length);
  // Whoever signs can slip too: the same bytes as a manifest that is genuine.
  read(concatBytes(MAGIC, length, data, sign({ kind: "ed25519" }, privateKey, data), data));
}

/** @returns how many pieces were handed out. */
function read(bytes: Uint8Array): number {
  const reader = new BundleReader(keys);
  let pieces = 0;
  let isOver = false;
  for (const half of [bytes.subarray(0, bytes.length >> 1), bytes.subarray(bytes.length >> 1)])
    for (const piece of reader.push(half)) {
      if (isOver) throw new Error("a piece came after a fault");
      if (piece.kind === "fault") isOver = true;
      else pieces++;
      if (piece.kind === "chunk" && (piece.length < 1 || piece.length > CHUNK_BYTES))
        throw new Error(`a chunk of ${piece.length} bytes`);
      // A manifest may claim any number of chunks of zeros; nothing is kept of them.
      if (pieces > 10_000) return pieces;
    }
  if (!reader.isComplete && !isOver && !reader.end()) throw new Error("it ended without an end");
  return pieces;
}

import { createHash } from "node:crypto";
import type { RandomSource } from "#lib/engine.ts";

/** A random source that gives the same bytes for the same seed, in every process. */
export function seededRandom(seed: number): RandomSource {
  let block = 0;
  return (length) => {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 32) {
      const digest = createHash("sha256").update(`${seed}/${block++}`).digest();
      bytes.set(digest.subarray(0, Math.min(32, length - at)), at);
    }
    return bytes;
  };
}

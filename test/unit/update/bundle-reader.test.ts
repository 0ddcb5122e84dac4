import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  exampleBundle,
  exampleKey,
  hashes,
  strangeKey,
} from "#test/support/update/example-bundle.ts";
import { MAGIC, PREFIX_BYTES, SIGNATURE_BYTES } from "#update/bundle-header.ts";
import { type BundlePiece, BundleReader } from "#update/bundle-reader.ts";
import type { PartName } from "#update/manifest.ts";

const { bytes, parts } = exampleBundle();
const manifestLength = new DataView(bytes.buffer).getUint32(MAGIC.length);
const payloadStart = PREFIX_BYTES + manifestLength + SIGNATURE_BYTES;

/** Everything that a reader makes of a bundle that comes in such pieces. */
function read(pieces: readonly Uint8Array[], keys = [exampleKey]): readonly BundlePiece[] {
  const reader = new BundleReader(keys);
  const handed: BundlePiece[] = [];
  for (const bytes of pieces)
    for (const piece of reader.push(bytes))
      handed.push(
        piece.kind === "chunk" && piece.bytes ? { ...piece, bytes: piece.bytes.slice() } : piece,
      );
  const end = reader.end();
  return end ? [...handed, { kind: "fault", fault: end }] : handed;
}

/** The parts as they would be on the disk. */
function assembled(pieces: readonly BundlePiece[]): Record<PartName, Uint8Array> {
  const disk = {
    boot: new Uint8Array(parts.boot.length).fill(0xee),
    root: new Uint8Array(parts.root.length).fill(0xee),
  };
  for (const piece of pieces)
    if (piece.kind === "chunk")
      disk[piece.part].set(piece.bytes ?? new Uint8Array(piece.length), piece.offset);
  return disk;
}

/** A piece with the hash of what it carries in place of it. */
const inShort = (piece: BundlePiece) =>
  piece.kind === "chunk" && piece.bytes
    ? { ...piece, bytes: createHash("sha256").update(piece.bytes).digest("hex") }
    : piece;

const codeOf = (pieces: readonly BundlePiece[]): string | undefined => {
  const last = pieces.at(-1);
  return last?.kind === "fault" ? last.fault.code : undefined;
};

/** What a damaged copy of the bundle gives. */
function damaged(at: number, bit: number): readonly BundlePiece[] {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ (1 << bit);
  return read([copy]);
}

const whole = read([bytes]);

test("a whole bundle gives its manifest and then both parts, zeros included", () => {
  const pieces = whole;
  expect(pieces[0]).toMatchObject({
    kind: "manifest",
    signer: "example",
    manifest: { version: "0.5.1" },
  });
  expect(hashes(assembled(pieces))).toEqual(hashes(parts));
});

test("a chunk of zeros takes no room in the file", () => {
  expect(bytes.length - payloadStart).toBe(parts.boot.length + parts.root.length - 1024 * 1024);
});

test("the pieces that a bundle comes in make no difference", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 12 }),
      (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const pieces = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
        expect(hashes(assembled(read(pieces)))).toEqual(hashes(parts));
      },
    ),
    { seed: 5, numRuns: 20 },
  );
});

test("a bundle signed by a stranger is refused before anything of it is handed out", () => {
  const foreign = exampleBundle({ key: strangeKey });
  const pieces = read([foreign.bytes]);
  expect(pieces).toHaveLength(1);
  expect(codeOf(pieces)).toBe("update.unsigned");
});

test("a device without keys takes no bundle", () => {
  expect(codeOf(read([bytes], []))).toBe("update.unsigned");
});

test("a flipped bit anywhere in the head leaves nothing to be written", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: payloadStart - 1 }),
      fc.integer({ min: 0, max: 7 }),
      (at, bit) => {
        const pieces = damaged(at, bit);
        expect(codeOf(pieces)).toBeDefined();
        expect(pieces).toHaveLength(1);
      },
    ),
    { seed: 6, numRuns: 60 },
  );
});

test("a flipped bit in the payload hands out only what stands before its chunk", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: payloadStart, max: bytes.length - 1 }),
      fc.integer({ min: 0, max: 7 }),
      (at, bit) => {
        const pieces = damaged(at, bit);
        expect(codeOf(pieces)).toBe("update.damaged");
        const handed = pieces.slice(0, -1).map(inShort);
        expect(handed).toEqual(whole.slice(0, handed.length).map(inShort));
      },
    ),
    { seed: 7, numRuns: 25 },
  );
});

test("a bundle cut off at any byte is called truncated, never whole", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
      expect(codeOf(read([bytes.subarray(0, length)]))).toBe("update.truncated");
    }),
    { seed: 8, numRuns: 40 },
  );
});

test("what follows the end of a bundle is refused", () => {
  expect(codeOf(read([bytes, Uint8Array.of(1)]))).toBe("update.too-long");
});

test("a file that is no bundle is told so by its first bytes", () => {
  expect(codeOf(read([new TextEncoder().encode("PK a zip file, perhaps")]))).toBe(
    "update.not-a-bundle",
  );
});

test("any bytes at all give pieces or one fault, and never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (noise, hasMagic) => {
      const pieces = read(hasMagic ? [MAGIC, noise] : [noise]);
      expect(codeOf(pieces)).toBeDefined();
    }),
    { seed: 9, numRuns: 300 },
  );
});

/**
 * The manifest of an update bundle: what is in it, for which boards, and the hash of every chunk. It is read only after its
 * signature was found right, and is still held to its form: whoever signs can slip too.
 */
import { failed, ok, type Result } from "#lib/result.ts";
import { jsonObject } from "./boot-facts.ts";
import { isVersion } from "./version.ts";

/** Bytes of a chunk; the last one of a part may be shorter. */
export const CHUNK_BYTES = 1024 * 1024;

/** What a bundle brings, in this order: the FAT partition with kernel and initramfs, and the root file system. */
export const partNames = ["boot", "root"] as const;
export type PartName = (typeof partNames)[number];

export interface Part {
  readonly name: PartName;
  /** Bytes of the whole part. */
  readonly size: number;
  /** SHA-256 of each chunk in lower-case hexadecimal; null for one of zeros, which the payload leaves out. */
  readonly chunks: readonly (string | null)[];
}

export interface Manifest {
  readonly board: readonly string[];
  readonly version: string;
  /** RFC 3339, UTC. */
  readonly built: string;
  readonly parts: readonly Part[];
}

/** Length of chunk `index` of a part, bytes. */
export function chunkLength({ size }: Pick<Part, "size">, index: number): number {
  return Math.min(CHUNK_BYTES, size - index * CHUNK_BYTES);
}

/** Bytes that the payload holds of a part. */
export function storedBytes(part: Part): number {
  return part.chunks.reduce(
    (sum, chunk, index) => sum + (chunk === null ? 0 : chunkLength(part, index)),
    0,
  );
}

/** Reads a manifest. @returns or one sentence saying what is wrong with it. */
export function parseManifest(text: string): Result<Manifest, string> {
  const manifest = jsonObject(text);
  if (!manifest) return failed("it is no JSON object");
  const { board, version, built, parts } = manifest;
  if (!Array.isArray(board) || board.length === 0 || !board.every(isText))
    return failed("it names no board");
  if (typeof version !== "string" || !isVersion(version)) return failed("its version is none");
  if (typeof built !== "string" || !RFC_3339_UTC.test(built))
    return failed("it does not say when it was built");
  const read = Array.isArray(parts) ? parts.map(parsePart) : [];
  const whole = read.flatMap((part) => (part === undefined ? [] : [part]));
  const isRight =
    whole.length === partNames.length &&
    read.length === partNames.length &&
    partNames.every((name, index) => whole[index]?.name === name);
  if (!isRight) return failed("its parts are not the two of a system");
  return ok({ board, version, built, parts: whole });
}

function parsePart(value: unknown): Part | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { name, size, chunks } = value as Readonly<Record<string, unknown>>;
  const known = partNames.find((each) => each === name);
  if (known === undefined || !Number.isSafeInteger(size) || !Array.isArray(chunks))
    return undefined;
  const bytes = size as number;
  const isWhole = bytes > 0 && chunks.length === Math.ceil(bytes / CHUNK_BYTES);
  return isWhole && chunks.every(isChunk) ? { name: known, size: bytes, chunks } : undefined;
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isChunk = (value: unknown): value is string | null =>
  value === null || (typeof value === "string" && /^[0-9a-f]{64}$/.test(value));
const RFC_3339_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/;

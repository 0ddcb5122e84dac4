/**
 * Makes a signed update bundle of the two parts of a system; the same parts, version and key give the same bytes.
 *
 *     node tools/make-update.ts --boot IMAGE --root IMAGE --board NAME[,NAME] --key FILE --out FILE
 *         [--version V] [--built RFC3339]
 *
 * The version is package.json's, and the time of building that of the last commit, unless they are given.
 */
import { execFileSync } from "node:child_process";
import { createHash, createPrivateKey, type KeyObject } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { encodeHeader } from "#update/bundle-header.ts";
import {
  CHUNK_BYTES,
  chunkLength,
  type Manifest,
  type Part,
  type PartName,
  parseManifest,
  partNames,
  storedBytes,
} from "#update/manifest.ts";

export interface UpdateSource {
  /** Image file of each part. */
  readonly images: Readonly<Record<PartName, string>>;
  readonly board: readonly string[];
  readonly version: string;
  /** RFC 3339, UTC. */
  readonly built: string;
  /** Private, Ed25519. */
  readonly key: KeyObject;
}

/**
 * Writes the bundle to `out`. @returns its manifest.
 * @throws {Error} when a part is empty or the version is none.
 */
export function makeUpdate({ images, key, ...about }: UpdateSource, out: string): Manifest {
  const parts = partNames.map((name): Part => describe(name, images[name]));
  const manifest: Manifest = { ...about, parts };
  const checked = parseManifest(JSON.stringify(manifest));
  if (!checked.ok) throw new Error(`this makes no bundle: ${checked.error}`);
  const target = openSync(out, "w");
  try {
    writeSync(target, encodeHeader(manifest, key));
    for (const { name, chunks } of parts) {
      const hashes = chunks.values();
      for (const chunk of chunksOf(images[name]))
        if (hashes.next().value !== null) writeSync(target, chunk);
    }
  } finally {
    closeSync(target);
  }
  return manifest;
}

function describe(name: PartName, image: string): Part {
  const chunks: (string | null)[] = [];
  let size = 0;
  for (const chunk of chunksOf(image)) {
    size += chunk.length;
    const isZeros = Buffer.compare(chunk, zeros.subarray(0, chunk.length)) === 0;
    chunks.push(isZeros ? null : createHash("sha256").update(chunk).digest("hex"));
  }
  return { name, size, chunks };
}

const zeros = new Uint8Array(CHUNK_BYTES);

/** The chunks of a file, one after the other in the same buffer. */
function* chunksOf(file: string): Generator<Uint8Array> {
  const source = openSync(file, "r");
  const buffer = new Uint8Array(CHUNK_BYTES);
  try {
    const { size } = fstatSync(source);
    for (let index = 0; index * CHUNK_BYTES < size; index++) {
      const length = chunkLength({ size }, index);
      for (let filled = 0; filled < length; ) {
        const read = readSync(source, buffer, filled, length - filled, null);
        if (read === 0) throw new Error(`${file} became shorter while it was read`);
        filled += read;
      }
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(source);
  }
}

const root = path.resolve(import.meta.dirname, "..");

/** The version of this tree. */
export function treeVersion(): string {
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  return version;
}

function lastCommit(): string {
  const format = ["log", "-1", "--format=%ct"];
  const seconds = execFileSync("git", ["-C", root, ...format], { encoding: "utf8" }).trim();
  return new Date(Number(seconds) * 1_000).toISOString().replace(/\.\d+Z$/, "Z");
}

function main(): void {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      boot: text,
      root: text,
      board: text,
      key: text,
      out: text,
      version: text,
      built: text,
    },
  });
  const { boot, root: rootImage, board, key, out } = values;
  if (!boot || !rootImage || !board || !key || !out)
    throw new Error("--boot, --root, --board, --key and --out are needed");
  const { version, parts } = makeUpdate(
    {
      images: { boot, root: rootImage },
      board: board.split(","),
      version: values.version ?? treeVersion(),
      built: values.built ?? lastCommit(),
      key: createPrivateKey(readFileSync(key)),
    },
    out,
  );
  const bytes = parts.reduce((sum, part) => sum + storedBytes(part), 0);
  console.log(`${out}: ${version} for ${board}, ${(bytes / 1024 / 1024).toFixed(1)} MiB`);
}

if (import.meta.main) main();

/** The root file system as it lies on its partition: a squashfs, followed by a tree of hashes that each block is checked by. */
import { mkdirSync, statSync, truncateSync } from "node:fs";
import path from "node:path";
import { run } from "../run.ts";

export interface Verity {
  /** Line for the device mapper; `DEVICE` stands for the partition. */
  readonly table: string;
  /** SHA-256 of the tree's root, hexadecimal. */
  readonly hash: string;
}

const BLOCK = 4_096;
/** The same for every build: a salt only keeps trees of different images apart. */
const SALT = "f1e0c0de".repeat(8);
const UUID = "f1e0c0de-0000-4000-8000-000000000000";

/** Packs a tree into `file` and appends its hashes. @param level of zstd, 1 to 22. */
export function makeRootImage(tree: string, file: string, level: number): Verity {
  mkdirSync(path.dirname(file), { recursive: true });
  run("mksquashfs", [
    tree,
    file,
    "-comp",
    "zstd",
    "-Xcompression-level",
    String(level),
    "-b",
    "256K",
    "-all-root",
    "-noappend",
    "-no-progress",
    "-no-xattrs",
    "-quiet",
    "-mkfs-time",
    "0",
    "-all-time",
    "0",
  ]);
  const blocks = Math.ceil(statSync(file).size / BLOCK);
  truncateSync(file, blocks * BLOCK);
  const text = run("veritysetup", [
    "format",
    file,
    file,
    `--hash-offset=${blocks * BLOCK}`,
    `--salt=${SALT}`,
    `--uuid=${UUID}`,
    `--data-blocks=${blocks}`,
  ]);
  const [, hash = ""] = /Root hash:\s+([0-9a-f]{64})/.exec(text) ?? [];
  if (hash === "") throw new Error(`veritysetup: ${text}`);
  // The tree begins a block after the superblock of veritysetup.
  const table = `0 ${(blocks * BLOCK) / 512} verity 1 DEVICE DEVICE ${BLOCK} ${BLOCK} ${blocks} ${blocks + 1} sha256 ${hash} ${SALT} 1 restart_on_corruption`;
  return { table, hash };
}

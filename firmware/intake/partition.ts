/**
 * What counts on the boot partition, the FAT that a person can write on any computer: the configuration, the secrets and
 * certificates it names, and what an earlier start left there when power was cut. It reads no disk and knows no FAT.
 * Source: docs/system.md, "Where the configuration comes from"
 */

/** What lies on the partition, seen by whoever can read it. */
export interface PartitionContent {
  /** Paths of the files that may be an operator's, relative, with slashes, as they are spelt there. */
  readonly files: readonly string[];
  /** @returns undefined when there is no such file or it is larger than a configuration's files can be. */
  read(path: string): Uint8Array | undefined;
}

/** Name of the configuration, on the partition and beside its secrets on flash. */
export const CONFIG_FILE = "config.yaml";

/** Everything in this folder moves, named in the configuration or not. */
export const SECRETS_FOLDER = "secrets/";

/** Where the device says on the partition what it made of it. */
export const REPORT_FILE = "flexspoke.txt";

/**
 * Names that look like the configuration but are not taken for it: what an editor makes of it that hides endings, or
 * the other spelling of YAML.
 */
export function isNearMiss(path: string): boolean {
  return /^config\.(yml|yaml\.txt|yml\.txt|txt)$/i.test(path);
}

/** FAT keeps the case of a name but does not tell names apart by it. */
export function findFile(content: PartitionContent, path: string): string | undefined {
  const wanted = normalPath(path)?.toLowerCase();
  return content.files.find((file) => file.toLowerCase() === wanted);
}

/** A relative path without detours; undefined when it leads out of its folder, or is absolute. */
export function normalPath(path: string): string | undefined {
  if (path.startsWith("/") || path.includes("\0") || path.includes("\\")) return undefined;
  const steps = path.split("/").filter((step) => step !== "" && step !== ".");
  return steps.length === 0 || steps.includes("..") ? undefined : steps.join("/");
}

/**
 * True for a file that was being overwritten when power was cut: its first sector is zeros. No text and no key begins so.
 */
export function isOverwritten(bytes: Uint8Array): boolean {
  return bytes.length > 0 && bytes.subarray(0, SECTOR_BYTES).every((byte) => byte === 0);
}

/** The least that a disk writes at once. */
const SECTOR_BYTES = 512;

/** Small documents that must survive a power cut: written whole beside their place, synced, then renamed into it. */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

/**
 * Replaces `file` by `text` so that after a crash it holds either the old or the new one.
 * @param mode of the file, whatever the umask.
 * @throws {NodeJS.ErrnoException}
 */
export function writeDurably(file: string, text: string | Uint8Array, mode = 0o600): void {
  const fresh = `${file}.new`;
  const descriptor = openSync(fresh, "w", 0o600);
  try {
    fchmodSync(descriptor, mode);
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(fresh, file);
  const folder = openSync(path.dirname(file), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** What `writeDurably` wrote; undefined when there is no such file. @throws {NodeJS.ErrnoException} for other faults. */
export function readDurable(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

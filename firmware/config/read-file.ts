import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { failed, ok } from "#lib/result.ts";
import type { ReadFile } from "./file-access.ts";

const MAX_BYTES = 1024 * 1024;

/** Reads from the file system, as the user of this process. */
export const readFile: ReadFile = (path) => {
  try {
    const descriptor = openSync(path, "r");
    try {
      const { mode, uid, size } = fstatSync(descriptor);
      if (size > MAX_BYTES) return failed("EFBIG");
      const owner = uid === process.geteuid?.() ? "self" : uid === 0 ? "root" : "other";
      // Not as a Buffer: its slice() is a view, and whoever wiped a copy would wipe the original.
      const bytes = new Uint8Array(readFileSync(descriptor));
      return ok({ bytes, mode: mode & 0o777, owner });
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof Error && "code" in error) return failed(String(error.code));
    throw error;
  }
};

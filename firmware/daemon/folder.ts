import { readdirSync } from "node:fs";
import { isErrno } from "#api/listening.ts";

/** Names of what is in a folder; none where there is no such folder. @throws {NodeJS.ErrnoException} for other faults. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw error;
  }
}

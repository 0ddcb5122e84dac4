import type { Result } from "#lib/result.ts";

export interface FileContent {
  readonly bytes: Uint8Array;
  /** Permission bits, as `0o600`. */
  readonly mode: number;
  /** Who owns the file, seen from the process that will use it. */
  readonly owner: "self" | "root" | "other";
}

/** Reads a whole file; the fault is an errno name such as `ENOENT`. */
export type ReadFile = (path: string) => Result<FileContent, string>;

/** A path of the configuration, relative to the file it stands in. */
export function pathFrom(configFile: string, path: string): string {
  const folder = configFile.slice(0, configFile.lastIndexOf("/") + 1);
  return path.startsWith("/") ? path : folder + path.replace(/^(\.\/)+/, "");
}

/** What an errno of opening a file means to an operator. */
export function openFault(path: string, code: string): string {
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "does not exist (make it, or correct the path)",
    EACCES: "can't be read by this user (run as root)",
    EISDIR: "is a folder (name the file in it)",
    EFBIG: "is larger than a file of this kind can be (1 MiB)",
    ELOOP: "is a loop of symbolic links (correct the path)",
    ENOTDIR: "does not exist: a part of its path is no folder (correct the path)",
  };
  return `file ${path} ${reasons[code] ?? `can't be read (${code})`}`;
}

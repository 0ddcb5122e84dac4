/** Archives that are the same bytes for the same content. */
import { execFileSync } from "node:child_process";
import { gzipSync } from "node:zlib";
import { sourceDate } from "../source-date.ts";

/** A folder as a compressed archive, everything owned by root. @param level of gzip, 1 to 9. */
export function tarGz(folder: string, level: number): Uint8Array {
  const owner = ["--owner=0", "--group=0", "--numeric-owner"];
  const tar = execFileSync(
    "tar",
    ["--format=gnu", "--sort=name", `--mtime=@${sourceDate()}`, ...owner, "-cf", "-", "."],
    { cwd: folder, maxBuffer: 2 ** 30 },
  );
  return gzipSync(tar, { level });
}

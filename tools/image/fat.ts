/** FAT file systems made without mounting anything. */
import { readdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "../run.ts";

/** Makes a FAT file system of `size` bytes with everything in `tree`. @param serial hexadecimal, eight digits. */
export function makeFat(
  tree: string,
  file: string,
  size: number,
  label: string,
  serial: string,
): void {
  rmSync(file, { force: true });
  writeFileSync(file, "");
  truncateSync(file, size);
  // FAT16 below 256 MiB: every boot ROM reads it.
  run("mkfs.vfat", ["--invariant", "-F", "16", "-n", label, "-i", serial, file]);
  // Directory entries carry times: the earliest that FAT can say, else the same tree is another file system each time.
  run("find", [tree, "-exec", "touch", "-h", "-d", "1980-01-01T00:00:00Z", "{}", "+"]);
  const names = readdirSync(tree).sort();
  if (names.length > 0)
    run("mcopy", [
      "-i",
      file,
      "-s",
      "-m",
      "-Q",
      ...names.map((name) => path.join(tree, name)),
      "::",
    ]);
}

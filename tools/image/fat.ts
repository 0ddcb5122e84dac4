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
  run("mkfs.vfat", ["-F", "16", "-n", label, "-i", serial, file]);
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

/** What is downloaded or takes long to make is kept outside the tree, for every checkout. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";

/** The folder of all of it; `tools/lab/cache.sh` has the same rule. */
export function cacheFolder(): string {
  const { FLEXSPOKE_CACHE, XDG_CACHE_HOME } = process.env;
  return (
    FLEXSPOKE_CACHE || path.join(XDG_CACHE_HOME || path.join(homedir(), ".cache"), "flexspoke")
  );
}

/**
 * An item of the cache, made when it is not there yet.
 * @param make makes it in a folder of its own; what it returns becomes the item, else the folder itself.
 * @returns the item's folder. It is there whole or not at all.
 */
export function madeOnce(name: string, make: (work: string) => string | undefined): string {
  const folder = path.join(cacheFolder(), name);
  if (existsSync(folder)) return folder;
  mkdirSync(path.dirname(folder), { recursive: true });
  const work = mkdtempSync(`${folder}.new.`);
  try {
    renameSync(make(work) ?? work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** Finds what `tools/setup.sh` made. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { cacheFolder } from "../../tools/cache.ts";

/** The checkout. */
export const projectRoot: string = resolve(import.meta.dirname, "../..");

/**
 * Folder of the newest item of this name: `kernel` has `vmlinux`, `release` and `lib/modules`;
 * `initramfs` has `initrd.img`; `hub-root` has `root` and `root.squashfs`.
 * @throws {Error} when the set-up has not run.
 */
export function cacheItem(name: "kernel" | "initramfs" | "hub-root"): string {
  const folder = cacheFolder();
  const items = existsSync(folder)
    ? readdirSync(folder).filter((entry) => new RegExp(`^${name}-[0-9a-f]{12}$`).test(entry))
    : [];
  const [newest] = items.map((entry) => join(folder, entry)).sort((a, b) => usedAt(b) - usedAt(a));
  if (newest === undefined) throw new Error(`there is no ${name} in ${folder}: run tools/setup.sh`);
  return newest;
}

/** The set-up touches `used` whenever it finds an item to be the one that its recipe asks for. */
function usedAt(item: string): number {
  return statSync(join(item, "used"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

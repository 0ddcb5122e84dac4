/** The file systems of a slot, made anew only when something that they are made of has changed. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import path from "node:path";
import { cacheFolder, madeOnce } from "../cache.ts";

const root = path.resolve(import.meta.dirname, "../..");
/** What a slot is made of besides downloads and the binary. */
const RECIPES = ["board", "overlays", "tools/image"];
/** Slots that are kept; each is some 80 MB. */
const KEPT = 4;

/**
 * @param made names or contents of everything else that goes into it.
 * @param make makes it in the folder that it is given.
 * @returns the folder.
 */
export function cachedSlot(made: readonly string[], make: (folder: string) => void): string {
  const hash = createHash("sha256");
  for (const one of made) hash.update(`${one}\0`);
  for (const recipe of RECIPES) hashFolder(hash, path.join(root, recipe));
  const folder = madeOnce(`arm64-slot-${hash.digest("hex").slice(0, 12)}`, (work) => {
    make(work);
    return undefined;
  });
  const now = new Date();
  utimesSync(folder, now, now);
  forgetOld();
  return folder;
}

/** Digest of a file, to name it by. */
export function digestOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function hashFolder(hash: ReturnType<typeof createHash>, folder: string): void {
  const names = readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  for (const name of names)
    hash.update(`${path.relative(root, name)}\0`).update(readFileSync(name));
}

function forgetOld(): void {
  const slots = readdirSync(cacheFolder())
    .filter((name) => /^arm64-slot-[0-9a-f]{12}$/.test(name))
    .map((name) => path.join(cacheFolder(), name))
    .sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs);
  for (const old of slots.slice(KEPT)) rmSync(old, { recursive: true, force: true });
}

/** What every package has besides its own files: the binary, its bill of materials, the licence. */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
} from "node:fs";
import path from "node:path";
import type { Architecture } from "../target.ts";

/** The checkout. */
export const root: string = path.resolve(import.meta.dirname, "../..");

/** The product's version. */
export function productVersion(): string {
  return JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")).version;
}

/**
 * Lays the board's files and the binary out in `tree`, with modes that no umask changes.
 * @param board its folder of `board/`; what lies under `root/` there goes into the package as it is.
 * @param documents the package's folder for the bill of materials and the licence.
 */
export function layOut(
  tree: string,
  { board, arch, documents }: { board: string; arch: Architecture; documents: string },
): void {
  cpSync(path.join(root, "board", board, "root"), tree, { recursive: true });
  const built = path.join(root, "build", arch);
  place(path.join(built, "flexspoke"), path.join(tree, "usr/bin/flexspoke"));
  place(path.join(built, "flexspoke.cdx.json"), path.join(tree, documents, "flexspoke.cdx.json"));
  place(path.join(root, "LICENSE"), path.join(tree, documents, "copyright"));
}

/** Copies a file to where its folder need not exist yet. */
export function place(from: string, to: string): void {
  mkdirSync(path.dirname(to), { recursive: true });
  copyFileSync(from, to);
}

/** Folders 0755, programs 0755, other files 0644. */
export function settleModes(tree: string): void {
  chmodSync(tree, 0o755);
  for (const entry of readdirSync(tree, { withFileTypes: true })) {
    const whole = path.join(tree, entry.name);
    if (entry.isDirectory()) settleModes(whole);
    else if (entry.isFile()) chmodSync(whole, (statSync(whole).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}

/** Bytes of all files. */
export function sizeOf(tree: string): number {
  return readdirSync(tree, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
}

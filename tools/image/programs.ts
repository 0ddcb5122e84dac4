/** Takes programs out of unpacked Debian packages, with the libraries that they are linked with. */
import {
  cpSync,
  existsSync,
  globSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
} from "node:fs";
import path from "node:path";
import { run } from "../run.ts";

const LIBRARIES = "usr/lib/aarch64-linux-gnu";
const LOADER = "usr/lib/ld-linux-aarch64.so.1";

/** The words of a list file, without its comments. */
export function words(file: string): string[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => !line.startsWith("#"))
    .flatMap((line) => line.split(/\s+/))
    .filter((word) => word !== "");
}

/**
 * Copies files and folders with the libraries that they need.
 * @param wanted paths in the packages; `*` stands for any name.
 * @param others programs from elsewhere that are only looked at for libraries.
 * @throws when something wanted, or a library of it, is in no package.
 */
export function copyPrograms(
  packages: string,
  wanted: readonly string[],
  target: string,
  others: readonly string[] = [],
): void {
  const files: string[] = [...others];
  for (const pattern of wanted) {
    const found = globSync(pattern, { cwd: packages });
    if (found.length === 0)
      throw new Error(`no package has ${pattern} (board/packages names them)`);
    for (const name of found) {
      copy(packages, name, target);
      if (!lstatSync(path.join(packages, name)).isDirectory())
        files.push(path.join(packages, name));
    }
  }
  copy(packages, LOADER, target);
  for (const library of libraries(packages, files)) copy(packages, library, target);
}

/** Copies what a name stands for: a link becomes the file that it leads to. */
function copy(packages: string, name: string, target: string): void {
  const from = realpathSync(path.join(packages, name));
  const to = path.join(target, name);
  mkdirSync(path.dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, dereference: true, preserveTimestamps: true });
}

/** Names of the libraries that the files need, directly or through others. */
function libraries(packages: string, files: readonly string[]): Set<string> {
  const found = new Set<string>();
  const waiting = [...files];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    for (const name of needed(file)) {
      const library = path.join(LIBRARIES, name);
      if (found.has(library) || name.startsWith("ld-linux-")) continue;
      const inPackage = path.join(packages, library);
      if (!existsSync(inPackage)) throw new Error(`${file} needs ${name}, which no package has`);
      found.add(library);
      waiting.push(realpathSync(inPackage));
    }
  }
  return found;
}

function needed(file: string): string[] {
  if (readFileSync(file).subarray(0, 4).toString("latin1") !== "\x7fELF") return [];
  const text = run("readelf", ["-dW", file]);
  return [...text.matchAll(/\(NEEDED\).*\[(.+)\]/g)].map(([, name = ""]) => name);
}

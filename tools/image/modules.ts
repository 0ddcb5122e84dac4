/** Takes kernel modules, with all they depend on, out of the unpacked kernel. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "../run.ts";

/**
 * Copies modules, unpacked, and makes the lists that modprobe reads. Names that are built into the kernel are passed over.
 * @param kernel unpacked kernel: `release` and `lib/modules`.
 * @returns how many files there are.
 * @throws when the kernel does not know a name: what was renamed would be missing on a board that nobody has at hand.
 */
export function copyModules(kernel: string, names: readonly string[], target: string): number {
  const release = readFileSync(path.join(kernel, "release"), "utf8").trim();
  const from = path.join(kernel, "lib/modules", release);
  const to = path.join(target, "usr/lib/modules", release);
  const files = new Set<string>();
  for (const name of names)
    for (const line of dependencies(kernel, release, name).split("\n")) {
      const [, file] = /^insmod (\S+)/.exec(line) ?? [];
      if (file !== undefined) files.add(path.relative(from, path.resolve(file)));
    }
  for (const file of files) {
    const plain = path.join(to, file.replace(/\.xz$/, ""));
    mkdirSync(path.dirname(plain), { recursive: true });
    const source = path.join(from, file);
    if (file.endsWith(".xz"))
      writeFileSync(plain, execFileSync("xz", ["-dc", source], { maxBuffer: 2 ** 26 }));
    else cpSync(source, plain);
  }
  for (const list of ["modules.builtin", "modules.builtin.modinfo", "modules.order"])
    cpSync(path.join(from, list), path.join(to, list));
  run("depmod", ["-b", path.join(target, "usr"), release]);
  return files.size;
}

function dependencies(kernel: string, release: string, name: string): string {
  try {
    return run("modprobe", ["-d", kernel, "-S", release, "--show-depends", name]);
  } catch {
    throw new Error(`the kernel ${release} has no module ${name} (board/*-modules name it)`);
  }
}

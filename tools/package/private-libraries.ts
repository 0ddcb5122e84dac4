/**
 * Makes a binary run where the system has another C library: the few libraries that it needs lie in a folder of its own,
 * and it is told to start by them. Child processes see nothing of it, as no variable of the environment is used.
 */
import { chmodSync, copyFileSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import path from "node:path";
import { item, run } from "../run.ts";
import type { Architecture } from "../target.ts";

const loaders = { arm64: "ld-linux-aarch64.so.1", x64: "ld-linux-x86-64.so.2" } as const;
const triplets = { arm64: "aarch64-linux-gnu", x64: "x86_64-linux-gnu" } as const;

/** What Node and the compiled parts link with, and what the C library itself loads for names. */
const libraries = [
  "libc.so.6",
  "libm.so.6",
  "libdl.so.2",
  "libpthread.so.0",
  "librt.so.1",
  "libresolv.so.2",
  "libstdc++.so.6",
  "libgcc_s.so.1",
];

/** A library that travels along, for the bill of materials. */
export interface PrivateLibrary {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
}

/**
 * Copies the libraries to `folder` of `tree` and settles `binary` on them.
 * @param folder absolute, as it is on the system that it is installed on.
 */
export function addPrivateLibraries(
  tree: string,
  { folder, binary, arch }: { folder: string; binary: string; arch: Architecture },
): readonly PrivateLibrary[] {
  const source = path.join(librariesOf(arch), "lib", triplets[arch]);
  const target = path.join(tree, folder);
  mkdirSync(target, { recursive: true });
  for (const name of [loaders[arch], ...libraries]) {
    copyFileSync(realpathSync(path.join(source, name)), path.join(target, name));
    chmodSync(path.join(target, name), name === loaders[arch] ? 0o755 : 0o644);
  }
  // This comes last: a blob that is injected after it makes a binary that does not start.
  const interpreter = `${folder}/${loaders[arch]}`;
  run("patchelf", [
    "--set-interpreter",
    interpreter,
    "--force-rpath",
    "--set-rpath",
    folder,
    binary,
  ]);
  return [
    {
      name: "glibc",
      version: glibcVersion(path.join(target, "libc.so.6")),
      licence: "LGPL-2.1-or-later",
    },
    {
      name: "libstdc++",
      version: realpathSync(path.join(source, "libstdc++.so.6")).split(".so.")[1] ?? "",
      licence: "GPL-3.0-or-later WITH GCC-exception-3.1",
    },
  ];
}

/** Debian's for arm64 from the cache; for this machine's own architecture this machine's. */
function librariesOf(arch: Architecture): string {
  return arch === "arm64" ? path.join(item("tools/arm64/sysroot.sh"), "usr") : "/usr";
}

function glibcVersion(file: string): string {
  const text = readFileSync(file, "latin1");
  return /GNU C Library \([^)]*GLIBC ([^)]+)\)/.exec(text)?.[1] ?? "";
}

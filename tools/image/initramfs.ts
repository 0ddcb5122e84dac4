/** The initramfs of a slot: what checks and mounts the slot's root file system, and nothing else. */
import { chmodSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "../run.ts";
import { copyModules } from "./modules.ts";
import { copyPrograms, words } from "./programs.ts";
import type { Verity } from "./verity.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** Makes the file `target`, in the empty folder `tree`. */
export function makeInitramfs(
  tree: string,
  { kernel, packages }: { readonly kernel: string; readonly packages: string },
  verity: Verity,
  target: string,
): void {
  for (const folder of ["usr/bin", "usr/sbin", "usr/lib", "proc", "sys", "dev", "run", "root"])
    mkdirSync(path.join(tree, folder), { recursive: true });
  for (const merged of ["bin", "sbin", "lib"])
    symlinkSync(`usr/${merged}`, path.join(tree, merged));
  copyPrograms(packages, words(path.join(root, "board/initramfs-programs")), tree);
  const modules = words(path.join(root, "board/initramfs-modules"));
  copyModules(kernel, modules, tree);
  writeFileSync(path.join(tree, "modules"), `${modules.join("\n")}\n`);
  writeFileSync(path.join(tree, "verity"), `${verity.table}\n`);
  cpSync(path.join(root, "overlays/initramfs"), tree, { recursive: true });
  chmodSync(path.join(tree, "init"), 0o755);
  // A fixed order and fixed times: the same tree is the same file.
  run(
    "sh",
    [
      "-c",
      'find . -exec touch -h -d @0 {} + && find . | LC_ALL=C sort | cpio --quiet --reproducible -o -H newc -R 0:0 | zstd -q -19 -f -o "$1"',
      "sh",
      target,
    ],
    tree,
  );
}

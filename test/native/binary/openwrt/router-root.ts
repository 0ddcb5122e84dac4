/** A root file system such as OpenWrt's: busybox and musl, and nothing that is linked with another C library. */
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const here = import.meta.dirname;
const programs = ["sh", "awk", "cat", "mkdir", "rm", "ln", "uname", "touch", "echo", "ls"];

/** Makes it in `folder`, without the package. */
export function makeRouterRoot(folder: string): void {
  for (const part of ["bin", "lib", "etc/init.d", "etc/config", "var", "run", "tmp", "proc", "dev"])
    mkdirSync(join(folder, part), { recursive: true });
  cpSync("/bin/busybox", join(folder, "bin/busybox"));
  for (const program of programs) symlinkSync("busybox", join(folder, "bin", program));
  copyFileSync("/lib/x86_64-linux-musl/libc.so", join(folder, "lib/ld-musl-x86_64.so.1"));
  symlinkSync("../run", join(folder, "var/run"));
  cpSync(join(here, "functions.sh"), join(folder, "lib/functions.sh"));
  cpSync(join(here, "rc.common"), join(folder, "etc/rc.common"));
  // Has no settings yet, and notes what it is told to set.
  const uci = '#!/bin/sh\n[ "$2" = get ] && exit 1\ncat >>/tmp/uci-batch\n';
  writeFileSync(join(folder, "bin/uci"), uci);
  for (const file of ["etc/rc.common", "bin/uci"]) chmodSync(join(folder, file), 0o755);
}

/** Takes a package apart: `control` and `data` are the folders in `target`. */
export function unpackIpk(ipk: string, target: string): void {
  const untar = (archive: string, folder: string) => {
    mkdirSync(folder, { recursive: true });
    execFileSync("tar", ["-xzf", archive, "-C", folder]);
  };
  untar(ipk, target);
  for (const part of ["control", "data"]) untar(join(target, `${part}.tar.gz`), join(target, part));
}

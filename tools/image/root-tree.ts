/** The root file system of the image: our binary, Debian's programs, kernel modules and the files of overlays/root. */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  globSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { run } from "../run.ts";
import { copyModules } from "./modules.ts";
import { copyPrograms, words } from "./programs.ts";

const root = path.resolve(import.meta.dirname, "../..");

export interface RootParts {
  /** Unpacked kernel, unpacked packages. */
  readonly kernel: string;
  readonly packages: string;
  /** The arm64 binary. */
  readonly binary: string;
  readonly version: string;
  /** RFC 3339. */
  readonly built: string;
  /** Files with public keys that updates may be signed with. */
  readonly updateKeys: readonly string[];
}

/** Folders that other file systems are mounted on, or that are made anew at each start. */
const MOUNT_POINTS = ["proc", "sys", "dev", "run", "tmp", "var", "data", "mnt"];

/** Makes the tree in an empty folder. */
export function makeRootTree(tree: string, parts: RootParts): void {
  for (const folder of ["usr/bin", "usr/sbin", "usr/lib", "etc/ssl/certs", ...MOUNT_POINTS])
    mkdirSync(path.join(tree, folder), { recursive: true });
  for (const merged of ["bin", "sbin", "lib"])
    symlinkSync(`usr/${merged}`, path.join(tree, merged));
  symlinkSync("run/root", path.join(tree, "root"));
  copyPrograms(parts.packages, words(path.join(root, "board/root-programs")), tree, [parts.binary]);
  installApplets(tree);
  copyModules(parts.kernel, words(path.join(root, "board/root-modules")), tree);
  joinCertificates(tree);
  cpSync(path.join(root, "overlays/root"), tree, { recursive: true, verbatimSymlinks: true });
  copyFileSync(parts.binary, path.join(tree, "usr/bin/flexspoke"));
  chmodSync(path.join(tree, "usr/bin/flexspoke"), 0o755);
  const { version, built } = parts;
  mkdirSync(path.join(tree, "etc/flexspoke/update-keys"), { recursive: true });
  writeFileSync(
    path.join(tree, "etc/flexspoke/appliance.json"),
    `${JSON.stringify({ board: "any", version, built })}\n`,
  );
  writeFileSync(path.join(tree, "usr/lib/flexspoke/version"), `${version}\n`);
  for (const key of parts.updateKeys)
    copyFileSync(key, path.join(tree, "etc/flexspoke/update-keys", path.basename(key)));
}

/** Links for what busybox can be called as, where nothing else has the name. */
function installApplets(tree: string): void {
  const busybox = path.join(tree, "usr/bin/busybox");
  const list = run("qemu-aarch64-static", [busybox]).split("Currently defined functions:")[1] ?? "";
  for (const applet of list.split(/[\s,]+/).filter((name) => name !== "" && name !== "busybox")) {
    const isThere =
      globSync(`usr/{bin,sbin}/${applet.replaceAll("[", "\\[")}`, { cwd: tree }).length > 0;
    if (!isThere) symlinkSync("busybox", path.join(tree, "usr/bin", applet));
  }
  for (const name of ["init", "modprobe"])
    symlinkSync("../bin/busybox", path.join(tree, "usr/sbin", name));
}

/** One file of all authorities, as programs expect it; the single ones are not needed beside it. */
function joinCertificates(tree: string): void {
  const folder = path.join(tree, "usr/share/ca-certificates/mozilla");
  const all = globSync("*.crt", { cwd: folder }).sort();
  const text = all.map((name) => readFileSync(path.join(folder, name), "utf8")).join("");
  writeFileSync(path.join(tree, "etc/ssl/certs/ca-certificates.crt"), text);
  run("rm", ["-rf", path.join(tree, "usr/share/ca-certificates")]);
}

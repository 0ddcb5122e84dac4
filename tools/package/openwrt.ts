/**
 * `make image BOARD=openwrt`: builds `build/images/flexspoke_VERSION_openwrt_MACHINE.ipk`, a package for OpenWrt with opkg,
 * from the binary and board/openwrt. It brings its own C library. The same tree gives the same bytes. `--quick` compresses
 * less, for tests.
 */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { withLibraries } from "../bill-of-materials.ts";
import { type Architecture, architectures } from "../target.ts";
import { tarGz } from "./archive.ts";
import { layOut, productVersion, root, settleModes, sizeOf } from "./package-tree.ts";
import { addPrivateLibraries } from "./private-libraries.ts";

/** What `uname -m` says there. */
const machines = { arm64: "aarch64", x64: "x86_64" } as const;
const FOLDER = "/usr/lib/flexspoke";

const [wanted, ...rest] = process.argv.slice(2);
const arch = architectures.find((one) => one === wanted);
if (!arch) {
  console.error(`openwrt: there is no ARCH=${wanted} (${architectures.join(" or ")})`);
  process.exit(2);
}
console.log(path.relative(process.cwd(), makePackage(arch, rest.includes("--quick") ? 1 : 9)));

function makePackage(arch: Architecture, level: number): string {
  const version = productVersion();
  const folder = path.join(root, "build/images");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `flexspoke_${version}_openwrt_${machines[arch]}.ipk`);
  const work = mkdtempSync(path.join(tmpdir(), "flexspoke-ipk-"));
  try {
    const [data, control, outer] = ["data", "control", "outer"].map((name) => {
      const inside = path.join(work, name);
      mkdirSync(inside);
      return inside;
    }) as [string, string, string];
    layOutData(data, arch);
    writeControl(control, { version, machine: machines[arch], size: String(sizeOf(data)) });
    writeFileSync(path.join(outer, "debian-binary"), "2.0\n");
    writeFileSync(path.join(outer, "control.tar.gz"), tarGz(control, 9));
    writeFileSync(path.join(outer, "data.tar.gz"), tarGz(data, level));
    settleModes(outer);
    // The inner archives are compressed already.
    writeFileSync(file, tarGz(outer, 1));
  } finally {
    rmSync(work, { recursive: true });
  }
  return file;
}

function layOutData(tree: string, arch: Architecture): void {
  layOut(tree, { board: "openwrt", arch, documents: "usr/share/flexspoke" });
  const binary = path.join(tree, "usr/bin/flexspoke");
  const libraries = addPrivateLibraries(tree, { folder: FOLDER, binary, arch });
  const bill = path.join(tree, "usr/share/flexspoke/flexspoke.cdx.json");
  const text = withLibraries(readFileSync(bill, "utf8"), readFileSync(binary), libraries);
  writeFileSync(bill, text);
  settleModes(tree);
  // It may come to hold a pre-shared key.
  chmodSync(path.join(tree, "etc/config/flexspoke"), 0o600);
}

function writeControl(tree: string, values: Readonly<Record<string, string>>): void {
  const from = path.join(root, "board/openwrt/control");
  for (const name of readdirSync(from)) {
    const text = readFileSync(path.join(from, name), "utf8").replaceAll(
      /\{(version|machine|size)\}/g,
      (_, key: string) => values[key] ?? "",
    );
    const file = path.join(tree, name);
    writeFileSync(file, text);
    chmodSync(file, text.startsWith("#!") ? 0o755 : 0o644);
  }
  chmodSync(tree, 0o755);
}

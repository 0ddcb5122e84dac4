/**
 * `make deb ARCH=arm64|x64`: builds `build/packages/flexspoke_VERSION_ARCH.deb` for Debian 12 and later and Raspberry Pi OS,
 * from the binary and board/debian. The same tree gives the same bytes. `--quick` compresses less, for tests.
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { run } from "../run.ts";
import { sourceDate } from "../source-date.ts";
import { type Architecture, architectures } from "../target.ts";
import { layOut, place, productVersion, root, settleModes, sizeOf } from "./package-tree.ts";

const debianName = { x64: "amd64", arm64: "arm64" } as const;
const scripts = ["postinst", "prerm", "postrm"] as const;

const [wanted, ...rest] = process.argv.slice(2);
const arch = architectures.find((one) => one === wanted);
if (!arch) {
  console.error(`deb: there is no ARCH=${wanted} (${architectures.join(" or ")})`);
  process.exit(2);
}
console.log(path.relative(process.cwd(), makeDeb(arch, rest.includes("--quick"))));

function makeDeb(arch: Architecture, quick: boolean): string {
  const version = productVersion();
  const folder = path.join(root, "build/packages");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `flexspoke_${version}_${debianName[arch]}.deb`);
  const tree = mkdtempSync(path.join(tmpdir(), "flexspoke-deb-"));
  try {
    const documents = "usr/share/doc/flexspoke";
    layOut(tree, { board: "debian", arch, documents });
    addForShells(tree, arch);
    settleModes(tree);
    writeControl(tree, version, arch);
    const compression = quick ? ["-Zgzip", "-z1"] : ["-Zxz", "-z6"];
    const options = ["--root-owner-group", "--threads-max=2", ...compression];
    run("env", [
      `SOURCE_DATE_EPOCH=${sourceDate()}`,
      "dpkg-deb",
      ...options,
      "--build",
      tree,
      file,
    ]);
  } finally {
    rmSync(tree, { recursive: true });
  }
  return file;
}

/** The manual page and the completion of bash. */
function addForShells(tree: string, arch: Architecture): void {
  const manual = path.join(tree, "usr/share/man/man8/flexspoke.8.gz");
  const page = readFileSync(path.join(root, "docs/flexspoke.8"));
  mkdirSync(path.dirname(manual), { recursive: true });
  writeFileSync(manual, gzipSync(page, { level: 9 }));
  const bundle = path.join(root, "build", arch, "flexspoke.cjs");
  const completion = path.join(tree, "usr/share/bash-completion/completions/flexspoke");
  mkdirSync(path.dirname(completion), { recursive: true });
  writeFileSync(completion, run(process.execPath, [bundle, "completion", "bash"]));
}

function writeControl(tree: string, version: string, arch: Architecture): void {
  const size = String(Math.ceil(sizeOf(tree) / 1024));
  const from = path.join(root, "board/debian/control");
  const to = path.join(tree, "DEBIAN");
  mkdirSync(to);
  chmodSync(to, 0o755);
  const control = readFileSync(path.join(from, "control"), "utf8")
    .replace("{version}", version)
    .replace("{architecture}", debianName[arch])
    .replace("{size}", size);
  writeFileSync(path.join(to, "control"), control);
  place(path.join(from, "conffiles"), path.join(to, "conffiles"));
  for (const script of scripts) place(path.join(from, script), path.join(to, script));
  for (const script of scripts) chmodSync(path.join(to, script), 0o755);
  for (const text of ["control", "conffiles"]) chmodSync(path.join(to, text), 0o644);
}

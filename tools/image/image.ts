/**
 * `make image BOARD=NAME`: builds `build/images/…` from Debian's packages, the binary and the files of board/ and
 * overlays/. What takes long is kept in the cache and made again only when what it is made of has changed.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { item, run } from "../run.ts";
import { builtAt } from "../source-date.ts";
import { type Board, readBoard } from "./board.ts";
import { makeBootPartition, makeConfigPartition } from "./boot-partition.ts";
import { cachedSlot, digestOf } from "./cached-slot.ts";
import { makeDisk } from "./disk.ts";
import { makeInitramfs } from "./initramfs.ts";
import { type Layout, readLayout } from "./layout.ts";
import { makeRootTree } from "./root-tree.ts";
import { makeBundle, signingKey } from "./update-bundle.ts";
import { makeRootImage } from "./verity.ts";

const root = path.resolve(import.meta.dirname, "../..");
const images = path.join(root, "build/images");

/** What a slot holds, as files of the size that they have there at most. */
interface Slot {
  readonly boot: string;
  readonly root: string;
}

/** The two file systems of a slot. They are the same for every board. */
function slotOf(layout: Layout): Slot {
  const kernel = item("tools/image/kernel.sh");
  const packages = path.join(item("tools/image/packages.sh"), "root");
  const binary = path.join(root, "build/arm64/flexspoke");
  const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
  const built = builtAt();
  const { publicKey } = signingKey();
  const made = [kernel, packages, digestOf(binary), version, built, digestOf(publicKey)];
  const folder = cachedSlot(made, (work) => {
    const tree = path.join(work, "root");
    makeRootTree(tree, { kernel, packages, binary, version, built, updateKeys: [publicKey] });
    const verity = makeRootImage(tree, path.join(work, "root.img"), ZSTD_LEVEL);
    const initramfs = path.join(work, "initramfs.zst");
    makeInitramfs(path.join(work, "initramfs"), { kernel, packages }, verity, initramfs);
    const boot = path.join(work, "boot.img");
    makeBootPartition(path.join(work, "boot"), kernel, initramfs, boot, layout.boot.A.size);
    for (const rest of ["root", "initramfs", "boot"])
      rmSync(path.join(work, rest), { recursive: true });
  });
  return { boot: path.join(folder, "boot.img"), root: path.join(folder, "root.img") };
}

/** Beyond it a smaller image costs more time than it saves on the way to a branch. */
const ZSTD_LEVEL = 15;

function makeImage(board: Board): string {
  const layout = readLayout();
  const work = mkdtempSync(path.join(tmpdir(), "flexspoke-image-"));
  try {
    const slot = slotOf(layout);
    const config = path.join(work, "config.img");
    makeConfigPartition(
      path.join(work, "config"),
      board,
      layout,
      { bootFiles: item("tools/image/boot-files.sh"), kernel: item("tools/image/kernel.sh") },
      config,
    );
    const data = path.join(work, "data.img");
    writeFileSync(data, "");
    truncateSync(data, layout.data.size);
    run("mkfs.ext4", [
      "-q",
      "-U",
      "f1e0c0de-0000-4000-8000-000000000007",
      "-E",
      "hash_seed=f1e0c0de-0000-4000-8000-000000000007,lazy_itable_init=0",
      "-L",
      "DATA",
      data,
    ]);
    mkdirSync(images, { recursive: true });
    const file = path.join(images, board.image);
    makeDisk(file, layout, { config, ...slot, data });
    console.log(path.relative(root, makeBundle(slot, images)));
    return board.isCompressed ? compress(file) : file;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function compress(file: string): string {
  run("zstd", ["-q", "-f", "-T0", "-12", "--rm", file]);
  return `${file}.zst`;
}

const [name = ""] = process.argv.slice(2);
const file = makeImage(readBoard(name));
console.log(path.relative(root, file));

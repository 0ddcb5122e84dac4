/** What the boot loader reads: the boot partition of a slot, and the first partition with the script that chooses one. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { run } from "../run.ts";
import type { Board } from "./board.ts";
import { makeFat } from "./fat.ts";
import type { Layout } from "./layout.ts";

const root = path.resolve(import.meta.dirname, "../..");

/** Makes the boot partition of a slot: kernel, initramfs, device trees. `tree` is an empty folder. */
export function makeBootPartition(
  tree: string,
  kernel: string,
  initramfs: string,
  file: string,
  size: number,
): void {
  mkdirSync(path.join(tree, "dtbs/broadcom"), { recursive: true });
  writeFileSync(
    path.join(tree, "kernel"),
    gzipSync(readFileSync(path.join(kernel, "Image")), { level: 9 }),
  );
  copyFileSync(initramfs, path.join(tree, "initramfs"));
  for (const name of readdirSync(path.join(kernel, "dtbs")))
    copyFileSync(path.join(kernel, "dtbs", name), path.join(tree, "dtbs/broadcom", name));
  makeFat(tree, file, size, "BOOT", "f1e0b007");
}

/** Makes the first partition. `tree` is an empty folder. */
export function makeConfigPartition(
  tree: string,
  board: Board,
  layout: Layout,
  { bootFiles, kernel }: { readonly bootFiles: string; readonly kernel: string },
  file: string,
): void {
  mkdirSync(tree, { recursive: true });
  const script = path.join(tree, "boot.cmd");
  writeFileSync(script, bootScript(board, layout));
  run("mkimage", [
    "-A",
    "arm64",
    "-T",
    "script",
    "-C",
    "none",
    "-n",
    "FlexSpoke",
    "-d",
    script,
    path.join(tree, "boot.scr"),
  ]);
  run("rm", [script]);
  for (const name of board.firmware)
    copyFileSync(path.join(bootFiles, "raspi-firmware", name), path.join(tree, name));
  for (const [name, from] of Object.entries(board.uBoot))
    copyFileSync(path.join(bootFiles, "u-boot", from), path.join(tree, name));
  for (const name of board.ownFiles)
    copyFileSync(path.join(root, "board", board.name, name), path.join(tree, name));
  if (board.hasDeviceTrees)
    for (const name of readdirSync(path.join(kernel, "dtbs")))
      copyFileSync(path.join(kernel, "dtbs", name), path.join(tree, name));
  makeFat(tree, file, layout.config.size, "FLEXSPOKE", "f1e0c0de");
}

function bootScript(board: Board, { slotState, boot, diskId }: Layout): string {
  const hexadecimal = (number: number) => `0x${number.toString(16)}`;
  const values: Record<string, string> = {
    STATE0: hexadecimal(slotState[0]),
    STATE1: hexadecimal(slotState[1]),
    BOOT_A: String(boot.A.number),
    BOOT_B: String(boot.B.number),
    DISK: diskId,
    CONSOLE: board.console.map((console) => `console=${console}`).join(" "),
    ARGUMENTS: board.arguments.join(" "),
  };
  return readFileSync(path.join(root, "board/boot.cmd"), "utf8").replaceAll(
    /@(\w+)@/g,
    (all, name: string) => values[name] ?? all,
  );
}

/**
 * The boot partition as a folder: read-only until there is something to write, because the boot loader lies there too.
 * What is cleared away is overwritten first. Source: mount(8), docs/system.md
 */
import { spawnSync } from "node:child_process";
import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import path from "node:path";
import { type PartitionContent, REPORT_FILE } from "#intake/partition.ts";
import { readDurable, writeDurably } from "./durable-file.ts";

/** Largest file that the configuration may name. */
const MAX_BYTES = 1024 * 1024;
/** An operator's files are few; whatever else lies there is not looked at. */
const MAX_FILES = 500;
const MAX_DEPTH = 4;
/** What the firmware and the boot loader read. */
const bootFile =
  /^(bootcode\.bin|start.*\.elf|fixup.*\.dat|.*\.dtb|overlays|u-boot.*|boot\.(scr|cmd)|config\.txt|cmdline\.txt|uboot\.env)$/i;
/** What operating systems leave on every disk that is plugged in. */
const litter = /^(\..*|System Volume Information|\$RECYCLE\.BIN|FOUND\.\d+)$/i;

/** How a partition becomes a folder and goes away again; a test has a folder as it is. */
export interface Mounting {
  /** @returns why it failed. */
  mount(folder: string, access: "ro" | "rw", isMounted: boolean): string | undefined;
  unmount(folder: string): void;
}

/** Mounts a FAT partition where nobody but root can read it. */
export function fatMounting(device: string): Mounting {
  const run = (program: string, ...argv: readonly string[]) => {
    const { status, stderr, error } = spawnSync(program, argv, { encoding: "utf8" });
    return status === 0 ? undefined : (error?.message ?? stderr.trim().split("\n").at(-1));
  };
  return {
    mount(folder, access, isMounted) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const options = `${isMounted ? "remount," : ""}${access},nosuid,nodev,noexec,umask=0077,utf8=1`;
      return run("mount", "-t", "vfat", "-o", options, device, folder);
    },
    unmount: (folder) => void run("umount", folder),
  };
}

export class BootPartition {
  readonly #folder: string;
  readonly #mounting: Mounting;
  #isWritable = false;

  /** @throws {Error} when it can't be mounted. */
  constructor(folder: string, mounting: Mounting) {
    this.#folder = folder;
    this.#mounting = mounting;
    this.#mount("ro", false);
  }

  content(): PartitionContent {
    const folder = this.#folder;
    return {
      files: filesIn(folder, "", 0).slice(0, MAX_FILES),
      read: (name) => {
        const file = path.join(folder, name);
        const stat = statSync(file, { throwIfNoEntry: false });
        return stat?.isFile() && stat.size <= MAX_BYTES
          ? new Uint8Array(readFileSync(file))
          : undefined;
      },
    };
  }

  /** Overwrites a file, then removes it and the folders that are empty without it. @throws {NodeJS.ErrnoException} */
  clear(name: string): void {
    this.#makeWritable();
    const file = path.join(this.#folder, name);
    const descriptor = openSync(file, "r+");
    try {
      const zeros = new Uint8Array(fstatSync(descriptor).size);
      for (let done = 0; done < zeros.length; )
        done += writeSync(descriptor, zeros, done, zeros.length - done, done);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    unlinkSync(file);
    let parent = path.dirname(file);
    for (
      ;
      parent !== this.#folder && readdirSync(parent).length === 0;
      parent = path.dirname(parent)
    )
      rmdirSync(parent);
    const above = openSync(parent, "r");
    fsyncSync(above);
    closeSync(above);
  }

  /** Says on the partition what became of it, in the line ends that every editor shows. @throws {NodeJS.ErrnoException} */
  report(text: string): void {
    const file = path.join(this.#folder, REPORT_FILE);
    const lines = text.replaceAll("\n", "\r\n");
    if (readDurable(file) === lines) return;
    this.#makeWritable();
    writeDurably(file, lines);
  }

  close(): void {
    this.#mounting.unmount(this.#folder);
  }

  #makeWritable(): void {
    if (this.#isWritable) return;
    this.#mount("rw", true);
    this.#isWritable = true;
  }

  #mount(access: "ro" | "rw", isMounted: boolean): void {
    const fault = this.#mounting.mount(this.#folder, access, isMounted);
    if (fault !== undefined) throw new Error(fault);
  }
}

function filesIn(root: string, under: string, depth: number): readonly string[] {
  const entries = readdirSync(path.join(root, under), { withFileTypes: true });
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const name = path.posix.join(under, entry.name);
      const isForeign = litter.test(entry.name) || (depth === 0 && bootFile.test(entry.name));
      if (isForeign || name === REPORT_FILE) return [];
      if (entry.isDirectory()) return depth < MAX_DEPTH ? filesIn(root, name, depth + 1) : [];
      return entry.isFile() ? [name] : [];
    });
}

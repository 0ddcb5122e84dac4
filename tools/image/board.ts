/** A board as its folder describes it: board/NAME/meta.yaml. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

const root = path.resolve(import.meta.dirname, "../..");

export interface Board {
  readonly name: string;
  readonly description: string;
  /** Consoles of the kernel; the last that there is becomes /dev/console. */
  readonly console: readonly string[];
  /** More words for the kernel's command line. */
  readonly arguments: readonly string[];
  /** Files of the Raspberry Pi's firmware on the first partition. */
  readonly firmware: readonly string[];
  /** Name on the first partition to file of the U-Boot packages. */
  readonly uBoot: Readonly<Record<string, string>>;
  /** The firmware wants the kernel's device trees beside itself. */
  readonly hasDeviceTrees: boolean;
  /** Files of the board's own folder on the first partition. */
  readonly ownFiles: readonly string[];
  readonly image: string;
  readonly isCompressed: boolean;
}

/** @throws when there is no such board, with the names of those that there are. */
export function readBoard(name: string): Board {
  const folder = path.join(root, "board", name);
  if (!imageBoards().includes(name))
    throw new Error(`there is no board ${name} (${imageBoards().join(", ")})`);
  const meta = metaOf(name);
  return {
    name,
    description: meta.description,
    console: meta.console,
    arguments: meta.arguments,
    firmware: meta["config-partition"].firmware,
    uBoot: meta["config-partition"]["u-boot"],
    hasDeviceTrees: meta["config-partition"]["device-trees"],
    ownFiles: readdirSync(folder).filter((each) => each !== "meta.yaml"),
    image: meta.image,
    isCompressed: meta.compressed,
  };
}

/** Boards that start from a disk of ours; the same slots are for all of them. */
export function imageBoards(): string[] {
  return boards().filter((name) => metaOf(name)["config-partition"] !== undefined);
}

function boards(): string[] {
  return readdirSync(path.join(root, "board"), { withFileTypes: true })
    .filter((each) => each.isDirectory() && existsSync(metaFile(each.name)))
    .map(({ name }) => name);
}

function metaOf(name: string): ReturnType<typeof parse> {
  return parse(readFileSync(metaFile(name), "utf8"));
}

function metaFile(name: string): string {
  return path.join(root, "board", name, "meta.yaml");
}

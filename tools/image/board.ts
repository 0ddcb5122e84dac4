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
  /** Files of the board's own folder on the first partition. */
  readonly ownFiles: readonly string[];
  readonly image: string;
  readonly isCompressed: boolean;
}

/** @throws when there is no such board, with the names of those that there are. */
export function readBoard(name: string): Board {
  const folder = path.join(root, "board", name);
  const file = path.join(folder, "meta.yaml");
  if (!existsSync(file)) throw new Error(`there is no board ${name} (${boards().join(", ")})`);
  const meta = parse(readFileSync(file, "utf8"));
  return {
    name,
    description: meta.description,
    console: meta.console,
    arguments: meta.arguments,
    firmware: meta["config-partition"].firmware,
    uBoot: meta["config-partition"]["u-boot"],
    ownFiles: readdirSync(folder).filter((each) => each !== "meta.yaml"),
    image: meta.image,
    isCompressed: meta.compressed,
  };
}

function boards(): string[] {
  return readdirSync(path.join(root, "board"), { withFileTypes: true })
    .filter((each) => each.isDirectory())
    .map(({ name }) => name);
}

/** Running the tools that images and packages are made with. */
import { execFileSync } from "node:child_process";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..");

/** Runs a program of this machine, in `folder`. @returns its output. @throws with what it said when it fails. */
export function run(
  program: string,
  args: readonly string[],
  folder = root,
  input?: string | Uint8Array,
): string {
  return execFileSync(program, args, {
    cwd: folder,
    encoding: "utf8",
    stdio: [input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    maxBuffer: 2 ** 26,
    // Times are given by arguments; some tools refuse to be told twice.
    env: { ...process.env, SOURCE_DATE_EPOCH: undefined },
    ...(input === undefined ? {} : { input }),
  });
}

/** The folder of an item of the cache, made by its script when it is not there. */
export function item(script: string): string {
  return execFileSync("sh", [path.join(root, script)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
}

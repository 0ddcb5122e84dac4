/**
 * The blob that makes Node a single executable, byte for byte the same for the same content. V8 lays a code cache out by
 * the hashes of its strings, and seeds them anew in every process; with a fixed seed the cache is always the same, but
 * then carries the mark of that option, and a Node without it would refuse the cache. The mark is put right here.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** What Node is told of the executable, except where the blob goes. */
export interface Settings {
  readonly main: string;
  readonly disableExperimentalSEAWarning: boolean;
  readonly useCodeCache: true;
  readonly execArgv: readonly string[];
  readonly assets: Readonly<Record<string, string>>;
}

/**
 * Makes the blob. @returns its file, in `folder`.
 * @param node program and leading arguments that run the target's Node on this machine.
 */
export function preparationBlob(
  folder: string,
  settings: Settings,
  node: readonly string[],
): string {
  const usual = makeBlob(folder, settings, node, []);
  const seeded = makeBlob(folder, settings, node, ["--hash-seed=1"]);
  const main = readFileSync(path.join(folder, settings.main));
  usual.copy(seeded, flagHash(seeded, main), flagHash(usual, main), flagHash(usual, main) + 4);
  const file = path.join(folder, "sea.blob");
  writeFileSync(file, seeded);
  return file;
}

function makeBlob(
  folder: string,
  settings: Settings,
  [program = "", ...rest]: readonly string[],
  options: readonly string[],
): Buffer {
  const [list, output] = ["sea.json", "sea.blob"].map((name) => path.join(folder, name)) as [
    string,
    string,
  ];
  // Relative: the names of main and output end up in the blob, and the folder that this is built in must not.
  writeFileSync(list, JSON.stringify({ ...settings, output: "sea.blob" }));
  execFileSync(program, [...rest, ...options, "--experimental-sea-config", "sea.json"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const blob = readFileSync(output);
  for (const file of [list, output]) rmSync(file);
  return blob;
}

/**
 * Where V8 notes the options that a code cache was made with: 12 bytes into the cache, which follows the main script and
 * eight bytes of length. Source: v8/src/snapshot/code-serializer.h, node/src/node_sea.cc
 */
function flagHash(blob: Buffer, main: Buffer): number {
  const at = blob.indexOf(main);
  if (at < 0) throw new Error("the main script is not in the blob");
  return at + main.length + 8 + 12;
}

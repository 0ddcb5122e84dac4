/**
 * Runs a fuzz target without an instrumenting fuzzer: mutates its corpus, with its dictionary, for a while.
 *
 *   node test/fuzz/run.ts TARGET [SECONDS] [SEED]      for example: node test/fuzz/run.ts ike-message 30
 *
 * A finding is written to `build/fuzz/` and ends the run with status 1. For coverage-guided runs see README.md.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { SeededRandom } from "#test/support/seeded-random.ts";

const [target, seconds = "30", seed = "1"] = process.argv.slice(2);
if (target === undefined || !/^[a-z-]+$/.test(target)) {
  process.stderr.write("usage: node test/fuzz/run.ts TARGET [SECONDS] [SEED]\n");
  process.exit(2);
}
const { fuzz } = (await import(`./${target}.fuzz.ts`)) as { fuzz: (data: Uint8Array) => void };
const corpus = readCorpus(new URL(`./corpus/${target}/`, import.meta.url));
const words = readDictionary(new URL(`./${target}.dict`, import.meta.url));
const random = new SeededRandom(Number(seed));

const end = performance.now() + Number(seconds) * 1000;
let runs = 0;
for (const input of corpus) attempt(input);
while (performance.now() < end) attempt(mutated());
process.stdout.write(`${target}: ${runs} inputs, nothing found\n`);

function attempt(input: Uint8Array): void {
  runs++;
  try {
    fuzz(input);
  } catch (error) {
    mkdirSync("build/fuzz", { recursive: true });
    const file = `build/fuzz/${target}-${runs}.bin`;
    writeFileSync(file, input);
    process.stderr.write(`${target}: input ${runs} of seed ${seed}, kept in ${file}\n`);
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  }
}

/** A few changes to one input of the corpus: bits, bytes, words of the dictionary, cuts, and pieces of another input. */
function mutated(): Uint8Array {
  let bytes = Uint8Array.from(pick(corpus));
  const changes = 1 + below(6);
  for (let change = 0; change < changes; change++) {
    const at = below(bytes.length + 1);
    switch (below(6)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
        break;
      case 1:
        if (at < bytes.length) bytes[at] = below(256);
        break;
      case 2:
        bytes.set(pick(words).subarray(0, bytes.length - at), at);
        break;
      case 3:
        bytes = joined(bytes.subarray(0, at), pick(words), bytes.subarray(at));
        break;
      case 4:
        bytes = joined(bytes.subarray(0, at), bytes.subarray(at + below(16)));
        break;
      case 5:
        bytes = joined(bytes.subarray(0, at), pick(corpus).subarray(below(64)));
        break;
    }
  }
  return bytes.subarray(0, 4096);
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function below(limit: number): number {
  return Math.floor(random.next() * limit);
}

function pick<Value>(values: readonly Value[]): Value {
  const value = values[below(values.length)];
  if (value === undefined) throw new Error("nothing to pick from");
  return value;
}

function readCorpus(folder: URL): readonly Uint8Array[] {
  return readdirSync(folder)
    .sort()
    .map((file) => new Uint8Array(readFileSync(new URL(file, folder))));
}

/** libFuzzer's dictionary: quoted strings with `\xNN`, one a line, `#` for comments. */
function readDictionary(file: URL): readonly Uint8Array[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.includes('"'))
    .map((line) => {
      const quoted = line.slice(line.indexOf('"') + 1, line.lastIndexOf('"'));
      const units = quoted.match(/\\x[0-9a-f]{2}|./gi) ?? [];
      return Uint8Array.from(units, (unit) =>
        unit.length === 4 ? Number.parseInt(unit.slice(2), 16) : unit.charCodeAt(0),
      );
    });
}

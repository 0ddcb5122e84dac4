/**
 * Decides what a start does with the boot partition: take a valid configuration with all that belongs to it, leave an
 * invalid one where it is and say why, or finish clearing away what an earlier start took. A start that power cut short
 * is simply done again. It writes nothing; `daemon/intake.ts` does. Source: docs/system.md, "Where the configuration comes from"
 */
import { formatConfigError } from "#config/config-error.ts";
import type { ReadFile } from "#config/file-access.ts";
import { loadConfig } from "#config/load.ts";
import type { WallClock } from "#lib/duration.ts";
import { failed, ok } from "#lib/result.ts";
import {
  CONFIG_FILE,
  findFile,
  isNearMiss,
  isOverwritten,
  normalPath,
  type PartitionContent,
  SECRETS_FOLDER,
} from "./partition.ts";

export interface IntakeInput {
  readonly partition: PartitionContent;
  /** Folder of the configuration on flash, with a slash at its end: `/data/flexspoke/`. */
  readonly folder: string;
  /** Reads files on flash. */
  readonly readFile: ReadFile;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: WallClock;
}

/** A file to write on flash. */
export interface TakenFile {
  /** As it is spelt on the partition. */
  readonly from: string;
  /** Relative to the folder of the configuration. */
  readonly to: string;
  readonly bytes: Uint8Array;
}

/** What to do, in this order: write `files`, clear `clear` away on the partition. */
export type IntakeDecision =
  | {
      /** Nothing of the operator's is there, or only what was taken before. */
      readonly kind: "nothing";
      readonly clear: readonly string[];
      readonly hints: readonly string[];
    }
  | {
      /** The configuration can't be used: it stays there to be corrected, what is in force stays in force. */
      readonly kind: "refused";
      /** `config.yaml:3:5: …` */
      readonly errors: readonly string[];
      readonly clear: readonly string[];
      readonly hints: readonly string[];
    }
  | {
      readonly kind: "take";
      /** The configuration itself comes last: before that nothing refers to the others. */
      readonly files: readonly TakenFile[];
      readonly clear: readonly string[];
      readonly warnings: readonly string[];
      readonly hints: readonly string[];
    };

/** Never throws, whatever lies there. */
export function decideIntake(input: IntakeInput): IntakeDecision {
  const { partition, folder, readFile } = input;
  const found = sort(input);
  const hints = hintsFor(partition, found.config !== undefined);
  const ownText = readFile(folder + CONFIG_FILE);
  const text =
    found.config ?? (found.secrets.length > 0 && ownText.ok ? ownText.value.bytes : undefined);
  if (text === undefined) {
    const waiting = found.secrets.length > 0 ? ["secrets wait for a config.yaml beside them"] : [];
    return { kind: "nothing", clear: found.clear, hints: [...hints, ...waiting] };
  }
  const decoded = decode(text);
  if (decoded === undefined)
    return {
      kind: "refused",
      errors: [`${CONFIG_FILE}:1:1: it is no text in UTF-8 (save it again as UTF-8)`],
      clear: found.clear,
      hints,
    };
  const taken = new Map<string, TakenFile>();
  const warnings: string[] = [];
  const loaded = loadConfig({
    path: CONFIG_FILE,
    text: decoded,
    readFile: overlaid(input, taken),
    env: input.env,
    now: input.now,
    onWarning: (warning) => warnings.push(formatConfigError(warning)),
  });
  if (!loaded.ok)
    return {
      kind: "refused",
      errors: loaded.error.map(formatConfigError),
      clear: found.clear,
      hints,
    };
  const named = new Set([...taken.values()].map(({ from }) => from));
  for (const secret of found.secrets) if (!named.has(secret.from)) taken.set(secret.to, secret);
  const config = findFile(partition, CONFIG_FILE);
  const own = found.config && config ? [{ from: config, to: CONFIG_FILE, bytes: text }] : [];
  const files = [...taken.values(), ...own];
  // The configuration goes first: secrets without one are taken for what they are, never the other way round.
  const clear = [...own, ...taken.values()].map(({ from }) => from);
  return { kind: "take", files, clear: [...new Set([...clear, ...found.clear])], warnings, hints };
}

interface Sorted {
  readonly config: Uint8Array | undefined;
  readonly secrets: readonly TakenFile[];
  /** Was taken before, or half cleared away. */
  readonly clear: readonly string[];
}

function sort({ partition, folder, readFile }: IntakeInput): Sorted {
  let config: Uint8Array | undefined;
  const secrets: TakenFile[] = [];
  const clear: string[] = [];
  for (const from of partition.files) {
    const to = normalPath(from);
    const bytes = to === undefined ? undefined : partition.read(from);
    if (to === undefined || bytes === undefined) continue;
    const isConfig = to.toLowerCase() === CONFIG_FILE;
    const kept = readFile(folder + to);
    if (isOverwritten(bytes)) clear.push(from);
    else if (isConfig) config = bytes;
    else if (kept.ok && sameBytes(kept.value.bytes, bytes)) clear.push(from);
    else if (to.toLowerCase().startsWith(SECRETS_FOLDER))
      secrets.push({ from, to: SECRETS_FOLDER + to.slice(SECRETS_FOLDER.length), bytes });
  }
  return { config, secrets, clear };
}

/** Files of the partition stand before those on flash; as who will own them on flash sees them. */
function overlaid(
  { partition, folder, readFile }: IntakeInput,
  taken: Map<string, TakenFile>,
): ReadFile {
  return (path) => {
    const relative = path.startsWith(folder) ? path.slice(folder.length) : path;
    if (relative.startsWith("/")) return readFile(path);
    const to = normalPath(relative);
    if (to === undefined) return failed("ENOENT");
    const from = findFile(partition, to);
    const bytes = from === undefined ? undefined : partition.read(from);
    if (from === undefined || bytes === undefined || isOverwritten(bytes))
      return readFile(folder + to);
    taken.set(to, { from, to, bytes });
    return ok({ bytes: bytes.slice(), mode: 0o600, owner: "self" });
  };
}

function hintsFor(partition: PartitionContent, hasConfig: boolean): readonly string[] {
  if (hasConfig) return [];
  return partition.files
    .filter(isNearMiss)
    .map((name) => `${name} is not read: its name must be ${CONFIG_FILE}`);
}

/** Undefined for what is no UTF-8; a byte order mark, as Windows puts one, is left out. */
function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

import type { WallClock } from "#lib/duration.ts";
import type { ConfigPath } from "./config-error.ts";
import { openFault, pathFrom, type ReadFile } from "./file-access.ts";
import type { Problems } from "./problems.ts";
import type { SecretReference } from "./schema-scalars.ts";
import { MASK } from "./secret-paths.ts";

/** Where secrets come from. */
export interface SecretSource {
  readonly configFile: string;
  readonly readFile: ReadFile;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For the dates of certificates; left out, they are not looked at. */
  readonly now?: WallClock | undefined;
}

/**
 * The bytes of a secret: UTF-8 of a literal or a variable, or a file without the line end that editors put last.
 * @param lineEnd `kept` for what need not be text: the last byte of a key in DER may be one.
 * @returns undefined after telling `problems` why there is none; the caller owns the bytes.
 */
export function readSecret(
  reference: SecretReference,
  path: ConfigPath,
  source: SecretSource,
  problems: Problems,
  lineEnd: "cut" | "kept" = "cut",
): Uint8Array | undefined {
  const bytes =
    typeof reference === "string"
      ? new TextEncoder().encode(reference)
      : "env" in reference
        ? readVariable(reference.env, [...path, "env"], source, problems)
        : readSecretFile(reference.file, [...path, "file"], source, problems, lineEnd);
  if (reference === MASK)
    problems.error(path, "this is a masked secret (put the secret itself, or its file)");
  if (bytes?.length === 0) problems.error(path, "the secret is empty (put it there)");
  return bytes?.length ? bytes : undefined;
}

function readVariable(
  variable: string,
  path: ConfigPath,
  { env }: SecretSource,
  problems: Problems,
): Uint8Array | undefined {
  const value = Object.hasOwn(env, variable) ? env[variable] : undefined;
  if (value !== undefined) return new TextEncoder().encode(value);
  problems.error(
    path,
    `environment variable ${variable} is not set (set it where the daemon is started)`,
  );
  return undefined;
}

function readSecretFile(
  name: string,
  path: ConfigPath,
  { configFile, readFile }: SecretSource,
  problems: Problems,
  lineEnd: "cut" | "kept",
): Uint8Array | undefined {
  const file = pathFrom(configFile, name);
  const read = readFile(file);
  if (!read.ok) {
    const fault =
      read.error === "ENOENT"
        ? `file ${file} does not exist (put the secret into it, mode 0600, or correct the path)`
        : openFault(file, read.error);
    problems.error(path, fault);
    return undefined;
  }
  const { bytes, mode, owner } = read.value;
  if ((mode & 0o077) !== 0) {
    const octal = mode.toString(8).padStart(4, "0");
    problems.error(path, `file ${file} is open to others, mode ${octal} (chmod 600 ${file})`);
  }
  if (owner === "other")
    problems.error(path, `file ${file} belongs to another user (chown root ${file})`);
  return lineEnd === "cut" ? withoutLineEnd(bytes) : bytes.slice();
}

function withoutLineEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length;
  if (bytes[end - 1] === 0x0a) end--;
  if (end < bytes.length && bytes[end - 1] === 0x0d) end--;
  return bytes.slice(0, end);
}

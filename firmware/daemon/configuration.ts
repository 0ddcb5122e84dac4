/** Reads the configuration, at start and on reload. */
import { readFileSync } from "node:fs";
import { type ConfigError, formatConfigError } from "#config/config-error.ts";
import { loadConfig } from "#config/load.ts";
import { readFile } from "#config/read-file.ts";
import type { ResolvedConfig } from "#config/resolved.ts";
import type { WallClock } from "#lib/duration.ts";
import { failed, ok, type Result } from "#lib/result.ts";

/** A configuration with the text that it was made of. */
export interface Configuration {
  readonly text: string;
  readonly config: ResolvedConfig;
}

type Lines = readonly string[];

/** @returns the configuration, or one line for each thing that is wrong with it. Warnings go to `warn`. */
export function readConfiguration(
  file: string,
  now: WallClock,
  warn: (line: string) => void,
): Result<ResolvedConfig, Lines> {
  const text = readConfigurationText(file);
  return text.ok ? interpretConfiguration(file, text.value, now, warn) : text;
}

/** What stands in the file, or one line that says why it can't be read. */
export function readConfigurationText(file: string): Result<string, Lines> {
  try {
    return ok(readFileSync(file, "utf8"));
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : String(error);
    return failed([`${file}: ${reason} (name the configuration with -c FILE)`]);
  }
}

/** As `readConfiguration`, of a text that stands in `file` or is to stand there. */
export function interpretConfiguration(
  file: string,
  text: string,
  now: WallClock,
  warn: (line: string) => void,
): Result<ResolvedConfig, Lines> {
  const onWarning = (warning: ConfigError) => warn(formatConfigError(warning));
  const loaded = loadConfig({ path: file, text, readFile, env: process.env, now, onWarning });
  return loaded.ok ? loaded : failed(loaded.error.map(formatConfigError));
}

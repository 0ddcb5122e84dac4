/** Reads the configuration from disk, at start and on reload. */
import { readFileSync } from "node:fs";
import { type ConfigError, formatConfigError } from "#config/config-error.ts";
import { loadConfig } from "#config/load.ts";
import { readFile } from "#config/read-file.ts";
import type { ResolvedConfig } from "#config/resolved.ts";
import type { WallClock } from "#lib/duration.ts";
import { failed, type Result } from "#lib/result.ts";

/** @returns the configuration, or one line for each thing that is wrong with it. Warnings go to `warn`. */
export function readConfiguration(
  file: string,
  now: WallClock,
  warn: (line: string) => void,
): Result<ResolvedConfig, readonly string[]> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === "ENOENT" ? "no such file" : String(error);
    return failed([`${file}: ${reason} (name the configuration with -c FILE)`]);
  }
  const onWarning = (warning: ConfigError) => warn(formatConfigError(warning));
  const loaded = loadConfig({ path: file, text, readFile, env: process.env, now, onWarning });
  return loaded.ok ? loaded : failed(loaded.error.map(formatConfigError));
}

/**
 * With which configuration a start begins: the operator's file; what was in force before, when the file is on trial and has
 * had its chance; what last connected the branch, when the file has become invalid. A branch far away must not stay down
 * because of a slip in an editor.
 */
import type { WallClock } from "#lib/duration.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import type { ConfigFiles, PendingTrial } from "./config-files.ts";
import {
  type Configuration,
  interpretConfiguration,
  readConfigurationText,
} from "./configuration.ts";

export interface FirstConfiguration extends Configuration {
  /** It is on trial, and this start is a chance for it. */
  readonly trial?: PendingTrial;
  /** Why it is not the operator's file: one sentence, and what is wrong with the file. */
  readonly instead?: { readonly why: string; readonly errors: readonly string[] };
  /** It is none at all: HTML that takes the place of the status page and says what is missing. */
  readonly setupPage?: string;
}

/** Starts that a configuration on trial gets: a second one means that it took the first process down. */
const CHANCES = 1;

/** @returns what to begin with, or one line for each thing that is wrong with the file. */
export function firstConfiguration(
  files: ConfigFiles,
  now: WallClock,
  warn: (line: string) => void,
): Result<FirstConfiguration, readonly string[]> {
  const read = (text: string) => interpretConfiguration(files.file, text, now, warn);
  const trial = files.pendingTrial();
  if (trial && trial.starts >= CHANCES) {
    const before = read(trial.before);
    const why =
      "the configuration on trial ended the process more than once, so the one before is in force again";
    if (before.ok)
      return ok({ text: trial.before, config: before.value, instead: { why, errors: [] } });
  }
  const text = readConfigurationText(files.file);
  const config = text.ok ? read(text.value) : text;
  if (text.ok && config.ok)
    return ok({ text: text.value, config: config.value, ...(trial && { trial }) });
  const errors = config.ok ? [] : config.error;
  const good = files.knownGood();
  const fallback = good === undefined ? undefined : read(good);
  if (good === undefined || !fallback?.ok) return failed(errors);
  const why =
    "the configuration is invalid, so the one that last connected this branch is in force: correct the file and reload";
  return ok({ text: good, config: fallback.value, instead: { why, errors } });
}

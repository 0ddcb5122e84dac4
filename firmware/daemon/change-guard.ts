/**
 * Changes of the configuration from wherever they come: applied, put on trial, kept as known to be good, or undone. Whether
 * one may stay is decided by the guard engine; this does what it says, on disk and in force.
 */
import type { ConfigurationOutcome } from "#api/backend.ts";
import type { ResolvedConfig } from "#config/resolved.ts";
import type { GuardAction } from "#guard/actions.ts";
import { GuardEngine } from "#guard/engine.ts";
import type { GuardInput } from "#guard/inputs.ts";
import { assertNever } from "#lib/assert-never.ts";
import type { Duration, WallClock } from "#lib/duration.ts";
import { invariant } from "#lib/invariant.ts";
import type { Log } from "#lib/log.ts";
import { daemonEvent } from "#state/daemon-event.ts";
import { daemonSubject } from "#state/event.ts";
import type { EventLog } from "#state/event-log.ts";
import type { MnemonicName } from "#state/mnemonics.ts";
import type { ConfigFiles } from "./config-files.ts";
import {
  type Configuration,
  interpretConfiguration,
  readConfigurationText,
} from "./configuration.ts";
import type { FirstConfiguration } from "./first-configuration.ts";

export interface ChangeGuardOptions {
  readonly files: ConfigFiles;
  readonly log: Log;
  readonly wall: () => WallClock;
  readonly record: EventLog["record"];
  /** Brings a configuration into force; only what changed is touched. */
  readonly apply: (config: ResolvedConfig) => void;
  readonly give: (input: GuardInput) => void;
}

export class ChangeGuard {
  readonly engine = new GuardEngine();
  readonly #options: ChangeGuardOptions;
  #inForce: Configuration | undefined;
  /** What was in force when the trial began. */
  #before: Configuration | undefined;
  /** Starts of the process during the trial. */
  #starts = 0;

  constructor(options: ChangeGuardOptions) {
    this.#options = options;
  }

  /** Tells with what the daemon began, and takes up a trial that an earlier life did not end. */
  begin({ trial, instead, ...first }: FirstConfiguration): void {
    const { files, give } = this.#options;
    this.#inForce = first;
    if (instead) {
      const { why, errors } = instead;
      this.#tell("FLEXSPOKE-3-CONFIGURATION_REFUSED", why, { errors });
      if (errors.length === 0) this.#onDisk(() => files.restore(first.text));
      this.#onDisk(() => files.noteTrial(undefined));
    }
    const before = trial && this.#interpret(trial.before);
    if (trial) this.#starts = trial.starts + 1;
    if (trial && before?.ok) this.#before = { text: trial.before, config: before.value };
    give({
      kind: "began",
      clients: Object.keys(first.config.clients),
      ...(this.#before && trial && { trial }),
    });
  }

  /** Reads the file anew; an invalid one changes nothing. */
  reload(by: string): ConfigurationOutcome {
    const text = readConfigurationText(this.#options.files.file);
    if (!text.ok) return this.#refused(text.error);
    const config = this.#interpret(text.value);
    if (!config.ok) return this.#refused(config.error);
    const within = this.#inForce?.config.changeGuard?.within;
    return this.#change({ text: text.value, config: config.value }, by, within);
  }

  /** Makes `text` the configuration until somebody confirms it or the branch proves it, else undoes it after `within`. */
  commit(text: string, within: Duration, by: string): ConfigurationOutcome {
    const config = this.#interpret(text);
    if (!config.ok) return this.#refused(config.error);
    try {
      this.#options.files.write(text);
    } catch (error) {
      return { kind: "refused", code: "configuration.not-written", reason: String(error) };
    }
    return this.#change({ text, config: config.value }, by, within, true);
  }

  /** Keeps what is in force. */
  confirm(by: string): ConfigurationOutcome {
    if (!this.engine.view().trial)
      return {
        kind: "refused",
        code: "configuration.not-on-trial",
        reason: "no configuration waits to be confirmed",
      };
    this.#options.give({ kind: "confirm", by });
    return { kind: "accepted" };
  }

  perform(action: GuardAction): void {
    const { files, record } = this.#options;
    switch (action.kind) {
      case "keep":
        this.#before = undefined;
        this.#onDisk(() => files.keep(this.#now().text));
        break;
      case "undo":
        this.#undo(action.why);
        break;
      case "trial": {
        const { trial } = action;
        const before = (this.#before ?? this.#now()).text;
        this.#onDisk(() => files.noteTrial(trial && { ...trial, before, starts: this.#starts }));
        break;
      }
      case "event":
        record(action.event);
        break;
      default:
        assertNever(action);
    }
  }

  /** The process ends as it was asked to: a trial goes on in the next with all its chances. */
  ended(): void {
    const { files } = this.#options;
    const pending = files.pendingTrial();
    if (pending) this.#onDisk(() => files.noteTrial({ ...pending, starts: 0 }));
  }

  #change(
    next: Configuration,
    by: string,
    within: Duration | undefined,
    needsConfirm = false,
  ): ConfigurationOutcome {
    const { apply, give } = this.#options;
    this.#starts = 0;
    if (!this.engine.view().trial) this.#before = this.#inForce;
    give({
      kind: "changed",
      clients: Object.keys(next.config.clients),
      by,
      ...(within === undefined ? {} : { within }),
      ...(needsConfirm ? { needsConfirm } : {}),
    });
    this.#inForce = next;
    this.#tell("FLEXSPOKE-5-CONFIGURED", `the configuration was read anew (${by})`, { by });
    apply(next.config);
    give({ kind: "timeout" });
    return { kind: "accepted" };
  }

  #undo(why: string): void {
    const { apply, files, give } = this.#options;
    const before = this.#before;
    if (!before) return;
    this.#before = undefined;
    this.#inForce = before;
    this.#onDisk(() => files.restore(before.text));
    this.#tell(
      "FLEXSPOKE-3-CONFIGURATION_UNDONE",
      `the configuration before is in force again: ${why}; the one that was undone is in ${files.undoneFile}`,
      { why, file: files.undoneFile },
    );
    give({ kind: "undone", clients: Object.keys(before.config.clients) });
    apply(before.config);
  }

  #refused(errors: readonly string[]): ConfigurationOutcome {
    for (const line of errors) this.#options.log.error(line);
    const reason = "the new configuration is invalid, the old one stays: correct it and try again";
    this.#tell("FLEXSPOKE-3-CONFIGURATION_REFUSED", reason, { errors });
    return { kind: "refused", code: "configuration.invalid", reason, errors };
  }

  #now(): Configuration {
    invariant(this.#inForce, "the guard speaks only after it began");
    return this.#inForce;
  }

  #interpret(text: string) {
    const { files, log, wall } = this.#options;
    return interpretConfiguration(files.file, text, wall(), (line) => log.warn(line));
  }

  /** A full or broken disk costs the memory of it, not the tunnel. */
  #onDisk(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#options.log.error(`can't keep the configuration's state: ${String(error)}`);
    }
  }

  #tell(mnemonic: MnemonicName, message: string, data: Readonly<Record<string, unknown>>): void {
    this.#options.record(daemonEvent(mnemonic, message, data, daemonSubject));
  }
}

/**
 * Takes in what an operator put on the boot partition, before the daemon reads its configuration: what it may take is decided
 * by `intake/`; here it is written, cleared away and told of. Nothing that goes wrong keeps the daemon from starting.
 */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { readFile } from "#config/read-file.ts";
import { decideIntake, type IntakeDecision } from "#intake/decide.ts";
import { reportText } from "#intake/report.ts";
import type { WallClock } from "#lib/duration.ts";
import { daemonEvent } from "#state/daemon-event.ts";
import type { EventDraft } from "#state/event.ts";
import { BootPartition, type Mounting } from "./boot-partition.ts";
import type { ConfigFiles } from "./config-files.ts";
import { writeDurably } from "./durable-file.ts";

/** What became of the boot partition at this start. */
export type IntakeReport =
  | { readonly kind: "nothing"; readonly hints: readonly string[] }
  | {
      readonly kind: "refused";
      readonly errors: readonly string[];
      readonly hints: readonly string[];
    }
  | { readonly kind: "taken"; readonly files: readonly string[]; readonly hints: readonly string[] }
  | { readonly kind: "failed"; readonly why: string; readonly hints: readonly string[] };

export interface IntakeOptions {
  readonly files: ConfigFiles;
  readonly mounting: Mounting;
  /** Where the partition is mounted meanwhile. */
  readonly mountPoint: string;
  readonly now: WallClock;
  readonly warn: (line: string) => void;
}

/** Never throws. */
export function takeIn(options: IntakeOptions): IntakeReport {
  try {
    const partition = new BootPartition(options.mountPoint, options.mounting);
    try {
      return takeFrom(partition, options);
    } finally {
      partition.close();
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: "failed", why, hints: [] };
  }
}

function takeFrom(partition: BootPartition, { files, now, warn }: IntakeOptions): IntakeReport {
  const folder = `${path.dirname(files.file)}/`;
  const content = partition.content();
  const decision = decideIntake({ partition: content, folder, readFile, env: process.env, now });
  if (decision.kind === "take") {
    for (const line of decision.warnings) warn(line);
    write(decision, folder);
    // What the operator brings on a card is not undone by a trial that was under way before.
    files.noteTrial(undefined);
  }
  for (const name of decision.clear) partition.clear(name);
  const report = reportOf(decision);
  const text = reportText(report, files.read() !== undefined);
  if (text !== undefined) partition.report(text);
  return report;
}

function write({ files }: Extract<IntakeDecision, { kind: "take" }>, folder: string): void {
  for (const { to, bytes } of files) {
    const file = path.join(folder, to);
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    writeDurably(file, bytes);
  }
}

function reportOf(decision: IntakeDecision): IntakeReport {
  const { hints } = decision;
  switch (decision.kind) {
    case "take":
      return { kind: "taken", files: decision.files.map(({ to }) => to), hints };
    case "refused":
      return { kind: "refused", errors: decision.errors, hints };
    case "nothing":
      return { kind: "nothing", hints };
  }
}

/** @returns undefined when there is nothing to tell. */
export function intakeEvent(report: IntakeReport): EventDraft | undefined {
  switch (report.kind) {
    case "taken":
      return daemonEvent(
        "FLEXSPOKE-5-CONFIGURATION_TAKEN_IN",
        "the configuration on the boot partition was taken in, and nothing of it is left there",
        { files: report.files },
      );
    case "refused":
      return daemonEvent(
        "FLEXSPOKE-3-INTAKE_FAILED",
        "the configuration on the boot partition is invalid and was left there: correct it and start again",
        { errors: report.errors },
      );
    case "failed":
      return daemonEvent(
        "FLEXSPOKE-3-INTAKE_FAILED",
        `the boot partition could not be read or written (${report.why}): put a configuration on it again`,
        {},
      );
    case "nothing":
      return undefined;
  }
}

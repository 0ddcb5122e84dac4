/**
 * What the appliance does before it has a configuration in force: takes in what lies on the boot partition, and falls back on a
 * configuration of its own that shows a page instead of ending.
 */
import path from "node:path";
import { setupConfiguration } from "#intake/setup-configuration.ts";
import { setupPage } from "#intake/setup-page.ts";
import type { WallClock } from "#lib/duration.ts";
import { invariant } from "#lib/invariant.ts";
import { failed, type Result } from "#lib/result.ts";
import { ethernetDevices } from "#linux/system/links.ts";
import { type Appliance, readAppliance } from "./appliance.ts";
import { fatMounting } from "./boot-partition.ts";
import type { ConfigFiles } from "./config-files.ts";
import { interpretConfiguration } from "./configuration.ts";
import type { FirstConfiguration } from "./first-configuration.ts";
import { type IntakeReport, takeIn } from "./intake.ts";
import { describeWatchdog, Watchdog } from "./watchdog.ts";

export interface ApplianceStart {
  readonly appliance: Appliance;
  readonly intake: IntakeReport;
  /** Absent where the machine has none. */
  readonly watchdog: Watchdog | undefined;
}

/** @returns undefined on every other machine: its files are where its own system puts them. */
export function startOfAppliance(
  files: ConfigFiles,
  runDir: string,
  now: WallClock,
  complain: (line: string) => void,
): ApplianceStart | undefined {
  const appliance = readAppliance({ warn: (text) => complain(String(text)) });
  if (!appliance) return undefined;
  const watchdog = Watchdog.start(complain);
  if (watchdog) complain(describeWatchdog(watchdog));
  const intake = takeIn({
    files,
    mounting: fatMounting(appliance.boot.partitions.config),
    mountPoint: path.join(runDir, "boot-partition"),
    now,
    warn: complain,
  });
  if (intake.kind === "failed") complain(`the boot partition can't be read: ${intake.why}`);
  return { appliance, intake, watchdog };
}

/**
 * With what an appliance begins whose configuration is missing or invalid; any other machine ends then, with the errors.
 * @param errors what is wrong with the file.
 */
export function withoutConfiguration(
  start: ApplianceStart | undefined,
  files: ConfigFiles,
  now: WallClock,
  errors: readonly string[],
): Result<FirstConfiguration, readonly string[]> {
  if (!start) return failed(errors);
  const text = setupConfiguration(ethernetDevices());
  const config = interpretConfiguration(files.file, text, now, () => {});
  invariant(config.ok, "the configuration of our own is valid");
  const isThere = files.read() !== undefined;
  const { intake } = start;
  const { board, version } = start.appliance.system;
  const page = setupPage({
    board,
    version,
    outcome: intake,
    errors: isThere ? errors : [],
    ...(intake.kind === "failed" && { fault: intake.why }),
  });
  const why = isThere
    ? "the configuration is invalid and none before connected this branch: a page on the LAN says what is wrong"
    : "there is no configuration yet: put one onto the boot partition and start again";
  const value = { text, config: config.value, instead: { why, errors }, setupPage: page };
  return { ok: true, value };
}

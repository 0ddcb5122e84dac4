/**
 * Pets the hardware watchdog out of the event loop: a daemon that hangs, and a kernel that does, end in a restart of the machine.
 * Only on the appliance, where nobody else does. It is never disarmed: a machine that hangs while it goes down restarts too.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { isErrno } from "#api/listening.ts";
import { type Duration, formatDuration, seconds } from "#lib/duration.ts";
import {
  isEmulatedPi,
  openWatchdogDevice,
  type WatchdogDevice,
} from "#linux/kernel/watchdog-device.ts";
import { daemonEvent } from "#state/daemon-event.ts";
import type { EventDraft } from "#state/event.ts";

/** Longer than any start of the daemon on a slow board, shorter than a branch wants to wait. */
const TIMEOUT = seconds(60);
/** So many times within the timeout. */
const PETS = 4;

/** Where it is; tests have places of their own. */
export interface WatchdogPlaces {
  readonly device: string;
  readonly deviceTree: string;
}

const places: WatchdogPlaces = { device: "/dev/watchdog", deviceTree: "/proc/device-tree" };

export class Watchdog {
  readonly #device: WatchdogDevice;
  readonly #timer: NodeJS.Timeout;

  /** Arms the watchdog of the machine. @returns undefined, having said why, where there is none that can be used. */
  static start(
    say: (line: string) => void,
    { device, deviceTree }: WatchdogPlaces = places,
  ): Watchdog | undefined {
    if (isEmulatedPi(deviceTree)) {
      say("the watchdog stays off: this is an emulated Raspberry Pi");
      return undefined;
    }
    const opened = openWatchdogDevice(device, TIMEOUT);
    if (opened.ok) return new Watchdog(opened.value, say);
    say(`there is no hardware watchdog (${device}: ${opened.error}): what hangs stays hanging`);
    return undefined;
  }

  private constructor(device: WatchdogDevice, say: (line: string) => void) {
    this.#device = device;
    this.#timer = setInterval(() => this.#pet(say), device.timeout / PETS).unref();
    device.pet();
  }

  /** How long the daemon may hang. */
  get timeout(): Duration {
    return this.#device.timeout;
  }

  /** The machine was last restarted because of it. */
  get hasReset(): boolean {
    return this.#device.hasReset;
  }

  /** The process ends: another one has this long to take over, or the machine to go down. */
  leave(): void {
    clearInterval(this.#timer);
    this.#device.leave();
  }

  #pet(say: (line: string) => void): void {
    try {
      this.#device.pet();
    } catch (error) {
      say(`the watchdog can't be petted: ${String(error)}`);
    }
  }
}

/** One line for the log. */
export function describeWatchdog({ timeout, hasReset }: Watchdog): string {
  const past = hasReset ? "; it did restart it" : "";
  return `the watchdog restarts this machine when the daemon hangs for ${formatDuration(timeout)}${past}`;
}

/** That the machine was restarted by its watchdog: told once in each start of the machine. @param runDir goes with it. */
export function watchdogEvent(
  watchdog: Watchdog | undefined,
  runDir: string,
): EventDraft | undefined {
  if (!watchdog?.hasReset || !isFirst(path.join(runDir, "watchdog-told"))) return undefined;
  return daemonEvent(
    "FLEXSPOKE-3-WATCHDOG_RESET",
    "the watchdog restarted this machine: the daemon or the kernel had hung; if it happens again, send the archive of `flexspoke tech-support`",
    { timeout: watchdog.timeout / 1_000 },
  );
}

function isFirst(mark: string): boolean {
  try {
    writeFileSync(mark, "", { flag: "wx" });
    return true;
  } catch (error) {
    if (isErrno(error, "EEXIST")) return false;
    throw error;
  }
}

/** The clock of the machine, as far as it is more than a number: who keeps it, who may set it, which start this is. */
import { readdirSync, readFileSync } from "node:fs";
import type { WallClock } from "#lib/duration.ts";
import type { Result } from "#lib/result.ts";
import { type Errno, isClockSynchronised, setRealTime } from "#linux/libc/libc.ts";
import type { ClockReading } from "#time/inputs.ts";
import type { Appliance } from "./appliance.ts";
import { systemClock } from "./clock.ts";
import { softwareMade } from "./version.ts";

export interface MachineClock {
  /** When this software, or the system around it, was made. */
  readonly made: WallClock;
  /** It goes on while the machine is off. */
  readonly keepsTime: boolean;
  /** It is ours to set: on the appliance. Elsewhere the system has its own ways. */
  readonly maySet: boolean;
  /** Names this start of the machine; undefined where the kernel does not tell. random(4) */
  readonly boot: string | undefined;
  read(): ClockReading;
  set(time: WallClock): Result<void, Errno>;
}

/** @param appliance undefined on a machine with a system of its own. */
export function machineClock(appliance: Appliance | undefined): MachineClock {
  const built = appliance ? Date.parse(appliance.system.built) : Number.NaN;
  return {
    made: Math.max(softwareMade, Number.isNaN(built) ? 0 : built) as WallClock,
    keepsTime: keepsTime(),
    maySet: appliance !== undefined,
    boot: bootId(),
    read: () => ({ wall: systemClock.wall(), isSynchronised: isClockSynchronised() }),
    set: setRealTime,
  };
}

/** PCs have one all of them, known to the kernel or not; boards only where it shows one. */
function keepsTime(): boolean {
  if (process.arch !== "arm64") return true;
  try {
    return readdirSync("/sys/class/rtc").length > 0;
  } catch {
    return false;
  }
}

function bootId(): string | undefined {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return undefined;
  }
}

/**
 * The hardware watchdog of the machine: once opened it restarts the machine unless it is petted, whoever hangs. Knows nothing of
 * when to pet. Source: Linux Documentation/watchdog/watchdog-api.rst, linux/watchdog.h.
 */
import { closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { type Duration, seconds } from "#lib/duration.ts";
import { failed, ok, type Result } from "#lib/result.ts";
import { ioctlInt } from "../libc/libc.ts";

/** An armed watchdog. */
export interface WatchdogDevice {
  /** How long it waits for the next `pet`. */
  readonly timeout: Duration;
  /** The machine was last restarted by it, as far as it knows. */
  readonly hasReset: boolean;
  /** @throws {NodeJS.ErrnoException} */
  pet(): void;
  /** Gives it back armed: who does not open it again within the timeout lets the machine restart. */
  leave(): void;
}

/**
 * Opens and so arms a watchdog; another timeout than asked for is taken where the device insists.
 * @param device `/dev/watchdog`. @returns the name of the error otherwise: `ENOENT` where there is none.
 */
export function openWatchdogDevice(
  device: string,
  timeout: Duration,
): Result<WatchdogDevice, string> {
  let fd: number;
  try {
    fd = openSync(device, constants.O_WRONLY);
  } catch (error) {
    return failed((error as NodeJS.ErrnoException).code ?? String(error));
  }
  ioctlInt(fd, WDIOC_SETTIMEOUT, Math.ceil(timeout / 1_000));
  const inForce = ioctlInt(fd, WDIOC_GETTIMEOUT, 0);
  const status = ioctlInt(fd, WDIOC_GETBOOTSTATUS, 0);
  return ok({
    timeout: inForce.ok && inForce.value > 0 ? seconds(inForce.value) : SHORTEST,
    hasReset: status.ok && (status.value & WDIOF_CARDRESET) !== 0,
    pet: () => void writeSync(fd, PET),
    leave: () => {
      writeSync(fd, PET);
      closeSync(fd);
    },
  });
}

/**
 * A board of the emulator: its model of the Raspberry Pi's power management restarts at once when the watchdog is armed. Real
 * boards have a serial number. @param deviceTree `/proc/device-tree`.
 */
export function isEmulatedPi(deviceTree: string): boolean {
  if (!textOf(`${deviceTree}/compatible`).includes("raspberrypi,")) return false;
  return /^0*$/.test(textOf(`${deviceTree}/serial-number`).replace(/\0/g, ""));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

/** Anything but `V`, which would disarm it. */
const PET = "\0";
/** What every watchdog can wait for: those that do not tell are petted for this. */
const SHORTEST = seconds(10);
const WDIOC_GETBOOTSTATUS = 0x8004_5702;
const WDIOC_SETTIMEOUT = 0xc004_5706;
const WDIOC_GETTIMEOUT = 0x8004_5707;
const WDIOF_CARDRESET = 0x20;

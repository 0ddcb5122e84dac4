/** Updates of the machine that this runs on: its disks, its keys, its restart. */

import { seconds } from "#lib/duration.ts";
import type { Log } from "#lib/log.ts";
import { blockDevices } from "#linux/block/block-devices.ts";
import { restartMachine } from "#linux/kernel/restart.ts";
import { noteKept, readAppliance, readUpdateKeys } from "./appliance.ts";
import { Calendar, type Clock } from "./clock.ts";
import type { Services } from "./services.ts";
import { Updates } from "./updates.ts";

const LAST_WORDS = seconds(1);

/** @param services of the daemon, there when something happens. */
export function updatesOfMachine(
  { log, clock, stateDir }: { readonly log: Log; readonly clock: Clock; readonly stateDir: string },
  services: () => Services,
): Updates {
  return new Updates({
    ...{ log, clock, stateDir },
    appliance: readAppliance(log),
    keys: () => readUpdateKeys(log),
    devices: blockDevices,
    calendar: new Calendar(clock),
    record: (event) => services().events.record(event),
    give: (input) => services().giveUpdate(input),
    restart: () => setTimeout(() => restartMachine((what) => log.error(what)), LAST_WORDS),
    noteKept: () => noteKept(log),
  });
}

/** Restarts the machine by its init, so that every service ends as it should; by force when that takes too long. */
import { execFile } from "node:child_process";
import { seconds } from "#lib/duration.ts";

/** Ends of services, farewells to hubs and flushed disks take seconds; a minute means that something hangs. */
const PATIENCE = seconds(60);

/** @param fault hears of a machine that can't be restarted. */
export function restartMachine(fault: (what: string) => void): void {
  const ask = (force: readonly string[]) =>
    execFile("reboot", force, (error) => {
      if (error) fault(`can't restart the machine: ${error.message}`);
    });
  ask([]);
  setTimeout(() => ask(["-f"]), PATIENCE).unref();
}

import { renameSync } from "node:fs";
import path from "node:path";
import type { Log } from "#lib/log.ts";
import { Spool } from "./spool.ts";

/** @returns undefined when the disk can't be used: events wait in memory only then. A broken file is moved aside. */
export function openSpool(stateDir: string, maxBytes: number, log: Log): Spool | undefined {
  const file = path.join(stateDir, "mqtt-spool.db");
  try {
    return new Spool(file, maxBytes);
  } catch (error) {
    log.error(`the MQTT spool can't be read and is moved aside: ${String(error)}`, { file });
  }
  try {
    renameSync(file, `${file}.broken`);
    return new Spool(file, maxBytes);
  } catch (error) {
    log.error(`events for the broker wait in memory only: ${String(error)}`, { file });
    return undefined;
  }
}

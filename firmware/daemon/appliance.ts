/** What the daemon can know of the appliance that it runs on; the one reader of the boot facts and the update keys. */
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Log } from "#lib/log.ts";
import {
  type BootFacts,
  parseBootFacts,
  parseSystemFacts,
  type SystemFacts,
} from "#update/boot-facts.ts";
import type { UpdateKey } from "#update/bundle-header.ts";
import { readDurable, writeDurably } from "./durable-file.ts";
import { namesIn } from "./folder.ts";

/** The machine is the appliance: booted from our image. */
export interface Appliance {
  readonly boot: BootFacts;
  /** The board is the one that was booted. */
  readonly system: SystemFacts;
}

/** Where the facts lie; tests have a folder of their own. */
export interface AppliancePlaces {
  readonly boot: string;
  readonly system: string;
  readonly keys: string;
}

/** On the appliance. */
export const appliancePlaces: AppliancePlaces = {
  boot: "/run/flexspoke/boot.json",
  system: "/etc/flexspoke/appliance.json",
  keys: "/etc/flexspoke/update-keys",
};

/** @returns undefined on a machine that has a system of its own, such as Debian or OpenWrt. */
export function readAppliance(
  log: Pick<Log, "warn">,
  places: AppliancePlaces = appliancePlaces,
): Appliance | undefined {
  const bootText = readDurable(places.boot);
  const systemText = readDurable(places.system);
  if (bootText === undefined || systemText === undefined) return undefined;
  const boot = parseBootFacts(bootText);
  const system = parseSystemFacts(systemText);
  if (!boot.ok) log.warn(`${places.boot}: ${boot.error}: updates and system settings stay off`);
  if (!system.ok)
    log.warn(`${places.system}: ${system.error}: updates and system settings stay off`);
  if (!boot.ok || !system.ok) return undefined;
  const { board = system.value.board } = boot.value;
  return { boot: boot.value, system: { ...system.value, board } };
}

/** Whoever looks after the daemon restarts the machine when it ends often on a trial; a system that was kept is none. */
export function noteKept(
  log: Pick<Log, "warn">,
  { boot }: Pick<AppliancePlaces, "boot"> = appliancePlaces,
): void {
  try {
    const facts = parseBootFacts(readFileSync(boot, "utf8"));
    if (facts.ok) writeDurably(boot, JSON.stringify({ ...facts.value, trial: false }), 0o644);
  } catch (error) {
    log.warn(`can't note in ${boot} that the system was kept: ${String(error)}`);
  }
}

/** The keys whose updates this device takes; a file that holds none is told of and left out. */
export function readUpdateKeys(
  log: Pick<Log, "warn">,
  { keys: folder }: Pick<AppliancePlaces, "keys"> = appliancePlaces,
): readonly UpdateKey[] {
  return namesIn(folder)
    .filter((name) => name.endsWith(".pub"))
    .sort()
    .flatMap((file) => {
      try {
        const key = createPublicKey(readFileSync(path.join(folder, file)));
        if (key.asymmetricKeyType === "ed25519") return [{ name: path.parse(file).name, key }];
      } catch {
        // Told below.
      }
      log.warn(`${path.join(folder, file)} holds no Ed25519 public key: it is left out`);
      return [];
    });
}

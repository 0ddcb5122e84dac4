/** Who this SNMP engine is, over restarts: managers find replayed messages by its boots and time. RFC 3414 §2.2 */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import path from "node:path";

export interface SnmpEngine {
  /** 5 to 32 octets. RFC 3411 §5: SnmpEngineID */
  readonly id: Uint8Array;
  /** How often it was started. */
  readonly boots: number;
  /** Seconds since it was. */
  readonly time: () => number;
}

/**
 * Begins the engine anew: the next boot of the one that `folder` knows, or a new one.
 * @param uptime seconds of a clock that never goes back.
 * @throws {NodeJS.ErrnoException} when it can't be kept: an engine whose boots do not rise would take replayed messages.
 */
export function startEngine(folder: string, uptime: () => number): SnmpEngine {
  const file = path.join(folder, "snmp-engine.json");
  const { id, boots } = readEngine(file);
  const next = Math.min(boots + 1, LATCHED);
  writeEngine(file, JSON.stringify({ id, boots: next }));
  const begun = uptime();
  return { id: Buffer.from(id, "hex"), boots: next, time: () => Math.floor(uptime() - begun) };
}

/** snmpEngineBoots stays there for ever, and nothing authenticated is taken any more. */
export const LATCHED = 0x7fff_ffff;

function readEngine(file: string): { readonly id: string; readonly boots: number } {
  try {
    const { id, boots } = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    if (typeof id === "string" && /^([0-9a-f]{2}){5,32}$/.test(id) && Number.isSafeInteger(boots))
      return { id, boots: Number(boots) };
  } catch {
    // No engine yet, or a damaged file: a new one, whose boots begin anew.
  }
  // Enterprise number 0, which nobody owns, and 12 octets by chance. RFC 3411 §5: format 5, octets
  return { id: `8000000005${randomBytes(12).toString("hex")}`, boots: 0 };
}

/** Whole or not at all, whenever the power fails. */
function writeEngine(file: string, text: string): void {
  const fresh = `${file}.new`;
  const descriptor = openSync(fresh, "w", 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(fresh, file);
}

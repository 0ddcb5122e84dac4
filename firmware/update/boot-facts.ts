/**
 * What the initramfs and the image say about the machine: from which disk and slot it was booted, on trial or not, and which
 * system this is. It reads no files; the daemon does (`daemon/appliance.ts`). Source: docs/updates.md, "What tells what".
 */
import { failed, ok, type Result } from "#lib/result.ts";

/** One of the two systems that a disk has room for. */
export type Slot = "A" | "B";

/** The other one. */
export const otherSlot = (slot: Slot): Slot => (slot === "A" ? "B" : "A");

/** Device of each slot's partition: `/dev/vda2`. */
export type SlotDevices = Readonly<Record<Slot, string>>;

/** `/run/flexspoke/boot.json`, written by the initramfs at each boot. */
export interface BootFacts {
  /** The whole disk, `/dev/vda`: the slot state is on it. */
  readonly disk: string;
  /** The slot that this boot came from. */
  readonly slot: Slot;
  /** The boot loader tries this slot once: it goes back unless the slot is kept. */
  readonly trial: boolean;
  /** By the kernel's command line; absent, the root file system says it. */
  readonly board?: string;
  readonly partitions: {
    readonly config: string;
    readonly boot: SlotDevices;
    readonly root: SlotDevices;
    readonly data: string;
  };
}

/** `/etc/flexspoke/appliance.json`, made with the image. */
export interface SystemFacts {
  readonly board: string;
  readonly version: string;
  /** RFC 3339; no clock of the machine can be before it. */
  readonly built: string;
}

/** Reads `boot.json`. @returns or one sentence saying what is wrong with it. */
export function parseBootFacts(text: string): Result<BootFacts, string> {
  const facts = jsonObject(text);
  if (!facts) return failed("it is no JSON object");
  const { disk, slot, trial, board } = facts;
  const partitions = asObject(facts["partitions"]);
  const boot = devices(partitions?.["boot"]);
  const root = devices(partitions?.["root"]);
  const config = partitions?.["config"];
  const data = partitions?.["data"];
  if (!isText(disk)) return failed("it names no disk");
  if (slot !== "A" && slot !== "B") return failed("its slot is neither A nor B");
  if (!boot || !root || !isText(config) || !isText(data)) return failed("a partition is missing");
  return ok({
    disk,
    slot,
    trial: trial === true,
    ...(isText(board) ? { board } : {}),
    partitions: { config, boot, root, data },
  });
}

/** Reads `appliance.json`. @returns or one sentence saying what is wrong with it. */
export function parseSystemFacts(text: string): Result<SystemFacts, string> {
  const facts = jsonObject(text);
  if (!facts) return failed("it is no JSON object");
  const { board, version, built } = facts;
  if (!isText(board)) return failed("it names no board");
  if (!isText(version)) return failed("it names no version");
  if (!isText(built)) return failed("it does not say when it was built");
  return ok({ board, version, built });
}

/** A JSON object; undefined when the text is none. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function devices(value: unknown): SlotDevices | undefined {
  const { A, B } = asObject(value) ?? {};
  return isText(A) && isText(B) ? { A, B } : undefined;
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

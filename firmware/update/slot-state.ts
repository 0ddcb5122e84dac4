/**
 * The slot state: which system the boot loader starts, and whether another is tried once. Two copies of 512 bytes stand
 * before the first partition, in the form that U-Boot reads and writes by itself, so that a copy which a power cut tore is
 * told by its checksum. It knows the bytes, not the disk.
 * Source: U-Boot doc/usage/cmd/env.rst, `env export -c -s 0x200`; env_t without redundancy.
 */
import { crc32 } from "node:zlib";
import { equalBytes } from "#lib/bytes.ts";
import type { Slot } from "./boot-facts.ts";

export interface SlotState {
  /** Started unless one is on trial. */
  readonly slot: Slot;
  /** On trial: started as long as it has tries left. */
  readonly trial?: Slot;
  /** Starts that the slot on trial has left, 0 to 9: the boot loader counts in hexadecimal. */
  readonly tries: number;
}

/** Bytes of a copy. */
export const SLOT_STATE_BYTES = 512;

/** Where the copies are, bytes from the start of the disk: LBA 1024 and 1032. Written and believed in this order. */
export const slotStateOffsets = [1024 * 512, 1032 * 512] as const;

/** What the boot loader takes when neither copy can be read. */
export const defaultSlotState: SlotState = { slot: "A", tries: 0 };

/** One copy: checksum of the rest, little-endian; `name=value` each ended by a zero, ended by a zero; zeros. */
export function encodeSlotState({ slot, trial, tries }: SlotState): Uint8Array {
  const bytes = new Uint8Array(SLOT_STATE_BYTES);
  const text = `slot=${slot}\0trial=${trial ?? "-"}\0tries=${tries}\0\0`;
  bytes.set(new TextEncoder().encode(text), CHECKSUM_BYTES);
  const checksum = crc32(bytes.subarray(CHECKSUM_BYTES));
  new DataView(bytes.buffer).setUint32(0, checksum, true);
  return bytes;
}

/** @returns undefined for a copy that is torn, empty or says nothing that makes sense. */
export function decodeSlotState(bytes: Uint8Array): SlotState | undefined {
  if (bytes.length !== SLOT_STATE_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (view.getUint32(0, true) !== crc32(bytes.subarray(CHECKSUM_BYTES))) return undefined;
  const [text = ""] = new TextDecoder().decode(bytes.subarray(CHECKSUM_BYTES)).split("\0\0");
  const names = new Map(text.split("\0").map((line) => splitOnce(line, "=")));
  const slot = names.get("slot");
  const trial = names.get("trial");
  const tries = names.get("tries") ?? "";
  if (slot !== "A" && slot !== "B") return undefined;
  if (trial !== "A" && trial !== "B" && trial !== "-") return undefined;
  if (!/^[0-9]$/.test(tries)) return undefined;
  return { slot, tries: Number(tries), ...(trial === "-" ? {} : { trial }) };
}

/** What the two copies amount to, and which of them must be written again so that both say the same. */
export interface ReadSlotState {
  readonly state: SlotState;
  /** Index of a copy that is damaged or behind: it would be believed when the other is torn at the next writing. */
  readonly stale: readonly (0 | 1)[];
}

/** Judges the copies as the boot loader does: the first if it is sound, else the second, else slot A. */
export function readSlotState(first: Uint8Array, second: Uint8Array): ReadSlotState {
  const [one, two] = [decodeSlotState(first), decodeSlotState(second)];
  if (one) return { state: one, stale: equalBytes(first, second) ? [] : [1] };
  if (two) return { state: two, stale: [0] };
  return { state: defaultSlotState, stale: [0, 1] };
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

const CHECKSUM_BYTES = 4;

/** Where things are on the disk: board/layout.yaml, read and put in order. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";

const root = path.resolve(import.meta.dirname, "../..");

export const MIB = 2 ** 20;
export const SECTOR = 512;

export interface Partition {
  readonly number: number;
  /** MBR partition type, hexadecimal. */
  readonly type: string;
  /** Bytes from the beginning of the disk. */
  readonly start: number;
  /** Bytes. */
  readonly size: number;
}

export interface Layout {
  readonly diskId: string;
  /** Blocks with the two copies of the state of the slots. */
  readonly slotState: readonly [number, number];
  readonly config: Partition;
  readonly boot: Readonly<Record<"A" | "B", Partition>>;
  readonly root: Readonly<Record<"A" | "B", Partition>>;
  readonly data: Partition;
  /** The extended partition that holds root and data. */
  readonly extended: Partition;
  /** Bytes of the whole image. */
  readonly size: number;
}

/** Lays the partitions out one after the other; a logical one has a MiB before it, for its own table. */
export function readLayout(): Layout {
  const file = parse(readFileSync(path.join(root, "board/layout.yaml"), "utf8"));
  const { config, boot, root: slot, data } = file.partitions;
  let at = MIB;
  const place = (number: number, type: string, mebibytes: number, table = 0): Partition => {
    const partition = { number, type: String(type), start: at + table, size: mebibytes * MIB };
    at = partition.start + partition.size;
    return partition;
  };
  const first = place(config.number, config.type, config.size);
  const [bootA, bootB] = [boot.A, boot.B].map(({ number }) => place(number, boot.type, boot.size));
  const extendedStart = at;
  const [rootA, rootB] = [slot.A, slot.B].map(({ number }) =>
    place(number, slot.type, slot.size, MIB),
  );
  const last = place(data.number, data.type, data.size, MIB);
  if (!bootA || !bootB || !rootA || !rootB) throw new Error("unreachable");
  return {
    diskId: file["disk-id"],
    slotState: file["slot-state"],
    config: first,
    boot: { A: bootA, B: bootB },
    root: { A: rootA, B: rootB },
    data: last,
    extended: { number: 4, type: "5", start: extendedStart, size: at - extendedStart },
    size: at,
  };
}

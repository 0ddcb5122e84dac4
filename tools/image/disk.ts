/** The whole disk: partition table and partitions. No state of the slots is noted yet: slot A is started. */
import { rmSync, truncateSync, writeFileSync } from "node:fs";
import { run } from "../run.ts";
import { type Layout, type Partition, SECTOR } from "./layout.ts";

export interface DiskContent {
  readonly config: string;
  readonly boot: string;
  readonly root: string;
  readonly data: string;
}

/** Writes the image. Slot B stays empty: the first update fills it. */
export function makeDisk(file: string, layout: Layout, content: DiskContent): void {
  rmSync(file, { force: true });
  writeFileSync(file, "");
  truncateSync(file, layout.size);
  run("sfdisk", ["--quiet", file], undefined, partitionTable(layout));
  for (const [part, at] of [
    [content.config, layout.config],
    [content.boot, layout.boot.A],
    [content.root, layout.root.A],
    [content.data, layout.data],
  ] as const)
    run("dd", [
      `if=${part}`,
      `of=${file}`,
      "bs=1M",
      `seek=${at.start}`,
      "oflag=seek_bytes",
      "conv=notrunc,sparse",
      "status=none",
    ]);
}

/** sfdisk's script. */
function partitionTable({ diskId, config, boot, root, data, extended }: Layout): string {
  const line = ({ number, type, start, size }: Partition, more = "") =>
    `${number} : start=${start / SECTOR}, size=${size / SECTOR}, type=${type}${more}`;
  const partitions = [
    line(config, ", bootable"),
    line(boot.A),
    line(boot.B),
    line(extended),
    line(root.A),
    line(root.B),
    line(data),
  ];
  return ["label: dos", `label-id: 0x${diskId}`, "unit: sectors", "", ...partitions, ""].join("\n");
}

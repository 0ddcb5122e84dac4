/** What board/boot.cmd makes U-Boot do with the slots, on a simulated disk. */
import type { Slot } from "#update/boot-facts.ts";
import {
  encodeSlotState,
  readSlotState,
  type SlotState,
  slotStateOffsets,
} from "#update/slot-state.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";

/**
 * The slot that is started, and whether it is on trial. That the real one takes the other slot when a kernel can't be loaded
 * is left out: nobody may count on it, for a kernel can be loaded and damaged.
 */
export async function boot(
  disk: SimulatedDisk,
): Promise<{ readonly slot: Slot; readonly trial: boolean }> {
  const content = disk.content("/dev/disk");
  const copy = (index: 0 | 1) =>
    content.subarray(slotStateOffsets[index], slotStateOffsets[index] + 512);
  const { state } = readSlotState(copy(0), copy(1));
  const { slot, trial, tries } = state;
  if (trial === undefined) return { slot, trial: false };
  if (tries === 0) {
    await write(disk, { slot, tries: 0 });
    return { slot, trial: false };
  }
  await write(disk, { slot, trial, tries: tries - 1 });
  return { slot: trial, trial: true };
}

async function write(disk: SimulatedDisk, state: SlotState): Promise<void> {
  const device = await disk.open("/dev/disk");
  for (const offset of slotStateOffsets) {
    await device.write(offset, encodeSlotState(state));
    await device.flush();
  }
}

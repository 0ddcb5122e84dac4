/** The slot state on the disk: read as the boot loader reads it, mended, and replaced so that one copy is sound at any time. */
import type { BlockDevice, BlockDevices } from "#linux/block/block-devices.ts";
import {
  encodeSlotState,
  readSlotState,
  SLOT_STATE_BYTES,
  type SlotState,
  slotStateOffsets,
} from "#update/slot-state.ts";

export class SlotStates {
  readonly #devices: BlockDevices;
  readonly #disk: string;

  /** @param disk the whole disk: `/dev/vda`. */
  constructor(devices: BlockDevices, disk: string) {
    this.#devices = devices;
    this.#disk = disk;
  }

  /**
   * What the boot loader would go by. A copy that is damaged or behind is written again: it would be believed if the other
   * were torn at the next writing.
   */
  read(): Promise<SlotState> {
    return this.#onDisk(async (disk) => {
      const [first, second] = [await readCopy(disk, 0), await readCopy(disk, 1)];
      const { state, stale } = readSlotState(first, second);
      for (const copy of stale) await writeCopy(disk, copy, state);
      return state;
    });
  }

  /** Replaces the state: on the disk when this resolves. */
  write(state: SlotState): Promise<void> {
    return this.#onDisk(async (disk) => {
      await writeCopy(disk, 0, state);
      await writeCopy(disk, 1, state);
    });
  }

  async #onDisk<Value>(use: (disk: BlockDevice) => Promise<Value>): Promise<Value> {
    const disk = await this.#devices.open(this.#disk);
    try {
      return await use(disk);
    } finally {
      await disk.close();
    }
  }
}

async function readCopy(disk: BlockDevice, copy: 0 | 1): Promise<Uint8Array> {
  const bytes = new Uint8Array(SLOT_STATE_BYTES);
  await disk.read(slotStateOffsets[copy], bytes);
  return bytes;
}

async function writeCopy(disk: BlockDevice, copy: 0 | 1, state: SlotState): Promise<void> {
  await disk.write(slotStateOffsets[copy], encodeSlotState(state));
  await disk.flush();
}

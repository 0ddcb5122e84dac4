/**
 * Reads and writes disks and partitions by their device names. What is written is on the disk only after a flush, in
 * whatever order until then. It knows neither slots nor bundles. Source: sysfs-block(5) of the kernel, open(2), fdatasync(2).
 */
import { type FileHandle, open, readFile } from "node:fs/promises";
import path from "node:path";
import { forgetCached } from "../libc/libc.ts";

/** A device that is open. */
export interface BlockDevice {
  /** Bytes. */
  readonly size: number;
  /** Writes all of `bytes`; they may be changed after it. */
  write(offset: number, bytes: Uint8Array): Promise<void>;
  /** Fills `into` by what is at `offset`. */
  read(offset: number, into: Uint8Array): Promise<void>;
  /** Everything that was written is on the disk, and is read from there afterwards. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface BlockDevices {
  /** @param device such as `/dev/vda5`. @throws {NodeJS.ErrnoException} */
  open(device: string): Promise<BlockDevice>;
}

/** Those of this machine; a plain file does as well. */
export const blockDevices: BlockDevices = {
  open: async (device) => {
    const file = await open(device, "r+");
    try {
      return new OpenDevice(file, await sizeOf(device, file));
    } catch (error) {
      await file.close();
      throw error;
    }
  },
};

class OpenDevice implements BlockDevice {
  readonly size: number;
  readonly #file: FileHandle;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(
        bytes,
        done,
        bytes.length - done,
        offset + done,
      );
      done += bytesWritten;
    }
  }

  async read(offset: number, into: Uint8Array): Promise<void> {
    for (let done = 0; done < into.length; ) {
      const { bytesRead } = await this.#file.read(into, done, into.length - done, offset + done);
      if (bytesRead === 0) throw new Error(`the device ends at byte ${offset + done}`);
      done += bytesRead;
    }
  }

  async flush(): Promise<void> {
    await this.#file.datasync();
    forgetCached(this.#file.fd);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

/** The kernel counts in sectors of 512 bytes, whatever the disk's own are. */
async function sizeOf(device: string, file: FileHandle): Promise<number> {
  const status = await file.stat();
  if (!status.isBlockDevice()) return status.size;
  const sectors = await readFile(`/sys/class/block/${path.basename(device)}/size`, "utf8");
  return Number(sectors) * 512;
}

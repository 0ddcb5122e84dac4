/**
 * A bundle into the idle slot: each chunk is written once it is known to be genuine, and all of them are read back from the
 * disk at the end. Nothing here makes the slot start.
 */
import { createHash } from "node:crypto";
import { failed, ok, type Result } from "#lib/result.ts";
import type { BlockDevice, BlockDevices } from "#linux/block/block-devices.ts";
import type { UpdateKey } from "#update/bundle-header.ts";
import { type BundlePiece, BundleReader } from "#update/bundle-reader.ts";
import {
  CHUNK_BYTES,
  chunkLength,
  type Manifest,
  type Part,
  type PartName,
  partNames,
} from "#update/manifest.ts";
import { type UpdateFault, updateFault } from "#update/update-fault.ts";

/** How far it is. */
export interface WritingProgress {
  readonly step: "writing" | "checking";
  /** Bytes of the system, of those that this step has to do. */
  readonly done: number;
  readonly total: number;
}

export interface SlotWriting {
  readonly devices: BlockDevices;
  /** Devices of the idle slot. */
  readonly partitions: Readonly<Record<PartName, string>>;
  readonly keys: readonly UpdateKey[];
  /**
   * Says whether this manifest is for the device and, when it is, makes sure that nothing starts the idle slot from now on;
   * called before anything is written.
   */
  readonly accept: (
    manifest: Manifest,
    room: Readonly<Record<PartName, number>>,
  ) => Promise<UpdateFault | undefined>;
  readonly progress: (progress: WritingProgress) => void;
}

/** Unflushed bytes that may gather: what the kernel holds back is no progress, and comes as a long silence at the end. */
const FLUSH_EVERY = 8 * CHUNK_BYTES;

/** Writes a whole bundle. @returns its manifest when the slot holds it, to the last byte. */
export async function writeSlot(
  writing: SlotWriting,
  bundle: AsyncIterable<Uint8Array>,
): Promise<Result<Manifest, UpdateFault>> {
  const partitions = new Map<PartName, BlockDevice>();
  try {
    for (const name of partNames)
      partitions.set(name, await writing.devices.open(writing.partitions[name]));
    return await new SlotWriter(writing, partitions).write(bundle);
  } catch (error) {
    return failed(
      updateFault(
        "update.disk",
        `the disk refused: ${error instanceof Error ? error.message : String(error)} (try again; a card that fails twice is worn out)`,
      ),
    );
  } finally {
    for (const device of partitions.values()) await device.close();
  }
}

class SlotWriter {
  readonly #writing: SlotWriting;
  readonly #partitions: ReadonlyMap<PartName, BlockDevice>;
  readonly #buffer = new Uint8Array(CHUNK_BYTES);
  #manifest: Manifest | undefined;
  #done = 0;
  #unflushed = 0;

  constructor(writing: SlotWriting, partitions: ReadonlyMap<PartName, BlockDevice>) {
    this.#writing = writing;
    this.#partitions = partitions;
  }

  async write(bundle: AsyncIterable<Uint8Array>): Promise<Result<Manifest, UpdateFault>> {
    const reader = new BundleReader(this.#writing.keys);
    for await (const bytes of bundle)
      for (const piece of reader.push(bytes)) {
        const fault = await this.#take(piece);
        if (fault) return failed(fault);
      }
    const early = reader.end();
    if (early) return failed(early);
    for (const device of this.#partitions.values()) await device.flush();
    return await this.#readBack();
  }

  async #take(piece: BundlePiece): Promise<UpdateFault | undefined> {
    switch (piece.kind) {
      case "fault":
        return piece.fault;
      case "manifest": {
        const { manifest } = piece;
        const fault = await this.#writing.accept(manifest, {
          boot: this.#device("boot").size,
          root: this.#device("root").size,
        });
        if (!fault) this.#manifest = manifest;
        this.#tell("writing");
        return fault;
      }
      case "chunk": {
        const { part, offset, length, bytes } = piece;
        const device = this.#device(part);
        await device.write(offset, bytes ?? this.#buffer.fill(0).subarray(0, length));
        this.#done += length;
        this.#unflushed += length;
        if (this.#unflushed >= FLUSH_EVERY) {
          await device.flush();
          this.#unflushed = 0;
        }
        this.#tell("writing");
        return undefined;
      }
    }
  }

  /** What the disk has now, not what it was given. */
  async #readBack(): Promise<Result<Manifest, UpdateFault>> {
    const manifest = this.#manifest;
    if (!manifest) return failed(updateFault("update.truncated", "the bundle is empty"));
    this.#done = 0;
    for (const part of manifest.parts)
      for (const index of part.chunks.keys()) {
        if (!(await this.#isThere(part, index)))
          return failed(
            updateFault(
              "update.disk",
              `the disk does not hold what was written to it, at byte ${index * CHUNK_BYTES} of ${part.name}: the card is worn out or no good`,
            ),
          );
        this.#done += chunkLength(part, index);
        this.#tell("checking");
      }
    return ok(manifest);
  }

  async #isThere(part: Part, index: number): Promise<boolean> {
    const bytes = this.#buffer.subarray(0, chunkLength(part, index));
    await this.#device(part.name).read(index * CHUNK_BYTES, bytes);
    const hash = createHash("sha256").update(bytes).digest("hex");
    return hash === (part.chunks[index] ?? zerosHash(bytes.length));
  }

  #device(part: PartName): BlockDevice {
    const device = this.#partitions.get(part);
    if (!device) throw new Error(`there is no partition for the ${part} part`);
    return device;
  }

  #tell(step: WritingProgress["step"]): void {
    const total = this.#manifest?.parts.reduce((sum, { size }) => sum + size, 0) ?? 0;
    this.#writing.progress({ step, done: this.#done, total });
  }
}

const zerosHash = (length: number): string =>
  createHash("sha256").update(new Uint8Array(length)).digest("hex");

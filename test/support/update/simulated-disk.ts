/**
 * A disk whose power can be cut at any byte. What was written and not flushed is lost, kept or kept in part, sector by sector
 * and in any order, as real caches do; the sector that was being written is torn in its middle, or nonsense.
 */
import type { BlockDevice, BlockDevices } from "#linux/block/block-devices.ts";
import { SeededRandom } from "#test/support/seeded-random.ts";

/** Thrown by whatever the disk is asked after its power went. */
export class PowerLost extends Error {
  override readonly name = "PowerLost";
}

interface Write {
  readonly device: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const SECTOR = 512;

export class SimulatedDisk implements BlockDevices {
  /** What would be there after a power cut, whatever happens to the rest. */
  readonly #flushed = new Map<string, Uint8Array>();
  #unflushed: Write[] = [];
  /** Bytes that may still be written before the power goes. */
  #budget = Number.POSITIVE_INFINITY;
  #isDead = false;
  /** The sector that was being written when the power went. */
  #torn: { readonly device: string; readonly offset: number } | undefined;
  #forgetful: string | undefined;
  /** Bytes written in all. */
  written = 0;
  /** Hears of every byte that is about to be written. */
  onWrite: ((device: string) => void) | undefined;

  add(device: string, content: Uint8Array): this {
    this.#flushed.set(device, content.slice());
    return this;
  }

  /** A card that is worn out: it takes what it is given and keeps nothing of it. */
  forgetWritesTo(device: string): void {
    this.#forgetful = device;
  }

  /** The power goes after so many more bytes. */
  cutAfter(bytes: number): void {
    this.#budget = bytes;
  }

  /** The power is back: what was in the air has become of it what the seed says. */
  powerOn(seed: number): void {
    const random = new SeededRandom(seed);
    for (const { device, offset, bytes } of this.#unflushed) {
      const content = this.#content(device);
      for (let at = 0; at < bytes.length; ) {
        const length = Math.min(bytes.length - at, SECTOR - ((offset + at) % SECTOR));
        if (random.chance(0.5)) content.set(bytes.subarray(at, at + length), offset + at);
        at += length;
      }
    }
    const torn = this.#torn;
    if (torn && random.chance(0.5))
      this.#content(torn.device).set(random.bytes(SECTOR), torn.offset);
    this.#torn = undefined;
    this.#unflushed = [];
    this.#isDead = false;
    this.#budget = Number.POSITIVE_INFINITY;
  }

  /** What a reader sees now. */
  content(device: string): Uint8Array {
    const seen = this.#content(device).slice();
    for (const write of this.#unflushed)
      if (write.device === device) seen.set(write.bytes, write.offset);
    return seen;
  }

  open(device: string): Promise<BlockDevice> {
    const { length: size } = this.#content(device);
    return Promise.resolve({
      size,
      write: (offset, bytes) => this.#write({ device, offset, bytes: bytes.slice() }),
      read: (offset, into) => {
        this.#live();
        into.set(this.content(device).subarray(offset, offset + into.length));
        return Promise.resolve();
      },
      flush: () => this.#flush(device),
      close: () => Promise.resolve(),
    });
  }

  #write(write: Write): Promise<void> {
    this.#live();
    this.onWrite?.(write.device);
    const { device, offset, bytes } = write;
    if (offset + bytes.length > this.#content(device).length)
      return Promise.reject(new Error(`no space left on ${device}`));
    const done = Math.min(bytes.length, this.#budget);
    this.#budget -= done;
    this.written += done;
    if (device !== this.#forgetful)
      this.#unflushed.push({ device, offset, bytes: bytes.subarray(0, done) });
    if (done === bytes.length) return Promise.resolve();
    this.#isDead = true;
    this.#torn = { device, offset: Math.floor((offset + done) / SECTOR) * SECTOR };
    return Promise.reject(new PowerLost("the power went"));
  }

  #flush(device: string): Promise<void> {
    this.#live();
    for (const write of this.#unflushed)
      if (write.device === device) this.#content(device).set(write.bytes, write.offset);
    this.#unflushed = this.#unflushed.filter((write) => write.device !== device);
    return Promise.resolve();
  }

  #live(): void {
    if (this.#isDead) throw new PowerLost("the power is off");
  }

  #content(device: string): Uint8Array {
    const content = this.#flushed.get(device);
    if (!content) throw new Error(`there is no ${device}`);
    return content;
  }
}

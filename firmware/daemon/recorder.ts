/**
 * Keeps the last inputs of the engines in memory, so that what went wrong in the field can be run again at a desk. Bounded,
 * packed, without keys. What is kept is given out on demand and goes nowhere by itself.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { RandomSource } from "#lib/engine.ts";
import type { Observer } from "./loop.ts";
import {
  digestOf,
  isRecorded,
  type RecordedInput,
  type RecordedPart,
  type RecordingHeader,
  Writer,
} from "./recording.ts";

/** Lines of text are packed when there is so much of it, bytes. */
const CHUNK = 64 * 1024;

interface Chunk {
  readonly packed: Uint8Array;
  /** Inputs in it, by engine. */
  readonly counts: ReadonlyMap<RecordedPart, number>;
}

/** Lines, the newest so many packed bytes of them. */
class Ring {
  readonly #most: number;
  readonly #chunks: Chunk[] = [];
  #size = 0;
  #open: string[] = [];
  #openSize = 0;
  #openCounts = new Map<RecordedPart, number>();
  readonly dropped = new Map<RecordedPart, number>();

  /** @param most packed bytes. */
  constructor(most: number) {
    this.#most = most;
  }

  add(part: RecordedPart, line: string): void {
    this.#open.push(line);
    this.#openSize += line.length;
    this.#openCounts.set(part, (this.#openCounts.get(part) ?? 0) + 1);
    if (this.#openSize >= CHUNK) this.#pack();
  }

  /** Oldest first. */
  *lines(): Generator<string> {
    for (const { packed } of this.#chunks) yield* inflateRawSync(packed).toString().split("\n");
    yield* this.#open;
  }

  #pack(): void {
    // Copied out of the pool that zlib wrote to, which is far larger.
    const packed = Uint8Array.from(deflateRawSync(this.#open.join("\n")));
    this.#chunks.push({ packed, counts: this.#openCounts });
    this.#size += packed.length;
    this.#open = [];
    this.#openSize = 0;
    this.#openCounts = new Map();
    while (this.#size > this.#most) this.#drop();
  }

  #drop(): void {
    const oldest = this.#chunks.shift();
    if (!oldest) return;
    this.#size -= oldest.packed.length;
    for (const [part, count] of oldest.counts)
      this.dropped.set(part, (this.dropped.get(part) ?? 0) + count);
  }
}

/** Packed bytes. Probes speak every second; they must not push out what happens once a week. */
const MOST = { probes: 384 * 1024, others: 1024 * 1024 };

export class Recorder {
  readonly #writer = new Writer();
  readonly #rings = { probes: new Ring(MOST.probes), others: new Ring(MOST.others) };
  readonly #drawn = new Map<string, string>();

  /** A source of random bytes for an engine that notes what was drawn. */
  random(part: RecordedPart, source: RandomSource): RandomSource {
    return (length) => {
      const bytes = source(length);
      this.#drawn.set(part, (this.#drawn.get(part) ?? "") + Buffer.from(bytes).toString("hex"));
      return bytes;
    };
  }

  /** What the loop shows. */
  readonly observe: Observer = (part, input, actions, now) => {
    if (!isRecorded(part)) return;
    const random = this.#drawn.get(part);
    this.#drawn.delete(part);
    const line: RecordedInput = {
      part,
      now,
      input,
      ...(random === undefined ? {} : { random }),
      ...(actions.length === 0 ? {} : { decided: digestOf(this.#writer.text(actions)) }),
    };
    const ring = part === "sla" ? this.#rings.probes : this.#rings.others;
    ring.add(part, this.#writer.text(line));
  };

  /** The recording as text: a header, then the inputs; those of probes apart, as each engine runs for itself. */
  text(about: Omit<RecordingHeader, "recording" | "dropped">): string {
    const { probes, others } = this.#rings;
    const dropped = Object.fromEntries([...others.dropped, ...probes.dropped]);
    const header: RecordingHeader = { recording: 1, ...about, dropped };
    const lines = [JSON.stringify(header), ...others.lines(), ...probes.lines()];
    return `${lines.join("\n")}\n`;
  }
}

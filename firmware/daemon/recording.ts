/**
 * What a recording is: the inputs of the engines as lines of JSON, without keys, with the random bytes that were drawn and a
 * digest of what was decided. `recorder.ts` writes it, `replay.ts` runs it.
 */
import { createHash } from "node:crypto";
import type { MonotonicMs } from "#lib/duration.ts";
import { SecretBytes, SecretText } from "#lib/secret.ts";

/** The first line. */
export interface RecordingHeader {
  readonly recording: 1;
  /** Of the program that made it. */
  readonly version: string;
  /** RFC 3339, UTC, milliseconds: when `now` was zero. */
  readonly started: string;
  /** Inputs that the ring no longer holds, by engine; the decisions of that engine may differ for lack of them. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** Every other line: one input of one engine. */
export interface RecordedInput {
  /** Folder of the engine. */
  readonly part: RecordedPart;
  readonly now: MonotonicMs;
  readonly input: unknown;
  /** Random bytes drawn meanwhile, hexadecimal. */
  readonly random?: string;
  /** `digestOf` what it decided; absent when that was nothing. */
  readonly decided?: string;
}

/**
 * Engines that are recorded. IKE is not one of them: its random bytes are the keys. What came of it is an input of the
 * FlexVPN engine.
 */
export const recordedParts = ["flexvpn", "track", "sla", "dial", "guard"] as const;
export type RecordedPart = (typeof recordedParts)[number];

export const isRecorded = (part: string): part is RecordedPart =>
  (recordedParts as readonly string[]).includes(part);

/** Eight hexadecimal digits that stand for decisions, as `Writer.text` wrote them. */
export function digestOf(decisions: string): string {
  return createHash("sha256").update(decisions).digest("hex").slice(0, 8);
}

/**
 * Writes inputs and decisions as JSON. A secret becomes a number, the same for the same secret: that a key was changed can be
 * seen, the key can't. Whatever is no plain data becomes a number too.
 */
export class Writer {
  readonly #numbers = new WeakMap<object, number>();
  readonly #secrets: (SecretBytes | SecretText)[] = [];
  #last = 0;

  text(value: unknown): string {
    const number = (each: object) => this.#numberOf(each);
    return JSON.stringify(value, function (this: Record<string, unknown>, key, shown) {
      const whole = this[key];
      if (typeof whole === "number" && !Number.isFinite(whole)) return { $number: String(whole) };
      if (typeof whole === "bigint") return { $bigint: String(whole) };
      if (typeof whole !== "object" || whole === null || Array.isArray(whole)) return shown;
      if (ArrayBuffer.isView(whole)) return { $bytes: whole.byteLength };
      const prototype: unknown = Object.getPrototypeOf(whole);
      return prototype === Object.prototype || prototype === null
        ? whole
        : { $opaque: number(whole) };
    });
  }

  #numberOf(value: object): number {
    const known = this.#numbers.get(value) ?? this.#sameSecret(value);
    const number = known ?? ++this.#last;
    this.#numbers.set(value, number);
    if (known === undefined && isSecret(value)) {
      this.#secrets.push(value);
      if (this.#secrets.length > SECRETS_REMEMBERED) this.#secrets.shift();
    }
    return number;
  }

  /** A reload reads the same secret anew. */
  #sameSecret(value: object): number | undefined {
    if (!isSecret(value)) return undefined;
    const same = this.#secrets.find((each) => each.equals(value as never));
    return same && this.#numbers.get(same);
  }
}

const isSecret = (value: object): value is SecretBytes | SecretText =>
  value instanceof SecretBytes || value instanceof SecretText;

/** Secrets that are told apart from each other; a branch has a handful. */
const SECRETS_REMEMBERED = 64;

/** Plain data of a line, with the numbers that JSON has not. @throws {SyntaxError} for what is no JSON. */
export function parseLine(line: string): unknown {
  return JSON.parse(line, (_key, value: unknown) => {
    if (typeof value !== "object" || value === null) return value;
    if ("$bigint" in value) return BigInt(String(value.$bigint));
    return "$number" in value ? Number(value.$number) : value;
  });
}

import { invariant } from "./invariant.ts";

const MASK = "•••";
const inspect = Symbol.for("nodejs.util.inspect.custom");

/** Key material: printing, JSON, inspection and template strings all give `•••`. */
export class SecretBytes {
  #bytes: Uint8Array | undefined;

  /** Takes ownership of `bytes`: the caller must not keep or change them. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#bytes?.length ?? 0;
  }

  get isWiped(): boolean {
    return this.#bytes === undefined;
  }

  /**
   * The bytes themselves, not a copy; do not keep them.
   * @throws {InvariantError} after `wipe()`.
   */
  reveal(): Uint8Array {
    invariant(this.#bytes, "secret used after it was wiped");
    return this.#bytes;
  }

  /** True when both hold the same bytes, in a time that depends on the length alone. A wiped secret equals nothing. */
  equals(other: SecretBytes): boolean {
    const [left, right] = [this.#bytes, other.#bytes];
    if (!left || !right || left.length !== right.length) return false;
    let difference = 0;
    for (const [index, byte] of left.entries()) difference |= byte ^ (right[index] ?? 0);
    return difference === 0;
  }

  /** Overwrites the bytes. Idempotent. */
  wipe(): void {
    this.#bytes?.fill(0);
    this.#bytes = undefined;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect](): string {
    return MASK;
  }
}

/** A secret that is text by nature, such as a pre-shared key typed by a person. Masked as `SecretBytes` is. */
export class SecretText {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. */
  reveal(): string {
    return this.#text;
  }

  equals(other: SecretText): boolean {
    return this.#text === other.#text;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect](): string {
    return MASK;
  }
}

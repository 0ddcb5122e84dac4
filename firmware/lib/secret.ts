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

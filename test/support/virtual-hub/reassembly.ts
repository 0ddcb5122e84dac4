/** Puts the fragments of one message together. RFC 7383 §2.6 */
import { concatBytes } from "#lib/bytes.ts";
import type { Opened } from "./sealing.ts";
import type { WireHeader } from "./wire.ts";

interface Partial {
  readonly key: string;
  readonly total: number;
  readonly parts: Map<number, Opened>;
}

/** Holds one incomplete message a direction. */
export class Reassembly {
  readonly #partial = new Map<boolean, Partial>();

  /** Takes a fragment whose check value was right. @returns the whole message once the last one is there. */
  add(header: WireHeader, opened: Opened): Opened | undefined {
    const { fragment } = opened;
    if (!fragment || fragment.number < 1 || fragment.number > fragment.total) return undefined;
    const isResponse = (header.flags & 0x20) !== 0;
    const key = `${header.messageId}`;
    let partial = this.#partial.get(isResponse);
    if (partial?.key === key && fragment.total < partial.total) return undefined;
    if (partial?.key !== key || fragment.total > partial.total) {
      partial = { key, total: fragment.total, parts: new Map() };
      this.#partial.set(isResponse, partial);
    }
    if (!partial.parts.has(fragment.number)) partial.parts.set(fragment.number, opened);
    if (partial.parts.size < partial.total) return undefined;
    this.#partial.delete(isResponse);
    const ordered = [...partial.parts].sort(([a], [b]) => a - b).map(([, part]) => part);
    return {
      first: ordered[0]?.first ?? 0,
      plaintext: concatBytes(...ordered.map((part) => part.plaintext)),
    };
  }
}

/**
 * Watches what a broker sends before anything is kept of it: only the packets that a client of QoS 0 and 1 is sent, none
 * larger than its kind needs. Whatever else comes ends the connection. It decodes no packet.
 * Source: MQTT 5 §2.1, MQTT 3.1.1 §2.2
 */

/** The largest message that is taken: a command is far smaller. */
export const LARGEST_MESSAGE = 64 * 1024;
const LARGEST_OTHER = 4 * 1024;

/** Follows the fixed headers of a stream of packets. */
export class PacketGate {
  /** Bytes of the present packet that have not come yet. */
  #rest = 0;
  #header: number[] = [];

  /** Looks at the next bytes of the stream. @returns what is wrong with them; the connection must end then. */
  take(bytes: Uint8Array): string | undefined {
    for (let at = 0; at < bytes.length; ) {
      if (this.#rest > 0) {
        const passed = Math.min(this.#rest, bytes.length - at);
        this.#rest -= passed;
        at += passed;
        continue;
      }
      this.#header.push(bytes[at] ?? 0);
      at++;
      const fault = this.#judge();
      if (fault !== undefined) return fault;
    }
    return undefined;
  }

  #judge(): string | undefined {
    const [first = 0, ...lengths] = this.#header;
    const kind = first >> 4;
    if (lengths.length === 0) return kindFault(first);
    const last = lengths.at(-1) ?? 0;
    if ((last & 0x80) !== 0)
      return lengths.length < 4 ? undefined : "a packet has a length that can't be";
    const length = lengths.reduce((sum, digit, index) => sum + (digit & 0x7f) * 128 ** index, 0);
    this.#header = [];
    this.#rest = length;
    const most = kind === PUBLISH ? LARGEST_MESSAGE : LARGEST_OTHER;
    return length > most ? `a packet of ${length} bytes is too large` : undefined;
  }
}

function kindFault(first: number): string | undefined {
  const kind = first >> 4;
  if (kind === PUBLISH)
    return ((first >> 1) & 3) > 1
      ? "a message has a quality of service nobody asked for"
      : undefined;
  return expected.has(kind) ? undefined : `a packet of type ${kind} is not for a client`;
}

const PUBLISH = 3;
/** CONNACK, PUBACK, SUBACK, UNSUBACK, PINGRESP, DISCONNECT */
const expected = new Set([2, 4, 9, 11, 13, 14]);

/**
 * Which datagrams are looked at: of a sane size, not too many a second, of SNMPv2c or v3, and for this engine. It stands
 * before everything that allocates or computes by what a stranger sent.
 */

/** Requests a second that are answered in the long run, and at once after a pause. */
const RATE = 200;
const BURST = 600;
/** RFC 3417 §3.2.1 asks for 484 octets; no request of a manager comes near this. */
const LARGEST = 4096;

export interface DatagramGate {
  /** @param now monotonic milliseconds. */
  admits(datagram: Uint8Array, now: number): boolean;
  /** Datagrams that were not admitted. */
  readonly refused: number;
}

/** @param engineId of this agent: a key is derived for each engine that is asked for, so there must be one only. */
export function openGate(engineId: Uint8Array): DatagramGate {
  let tokens = BURST;
  let last = 0;
  let refused = 0;
  const take = (now: number): boolean => {
    tokens = Math.min(BURST, tokens + (Math.max(0, now - last) * RATE) / 1000);
    last = now;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
  return {
    admits(datagram, now) {
      const isFine = datagram.length <= LARGEST && take(now) && isForUs(datagram, engineId);
      if (!isFine) refused++;
      return isFine;
    },
    get refused() {
      return refused;
    },
  };
}

/** A manager that does not know the engine yet leaves its id empty. RFC 3414 §4 */
function isForUs(datagram: Uint8Array, engineId: Uint8Array): boolean {
  const message = contentOf(datagram, 0, SEQUENCE);
  const version = message && contentOf(datagram, message.start, INTEGER);
  if (!version || version.end - version.start !== 1) return false;
  const number = datagram[version.start];
  if (number === V2C) return contentOf(datagram, version.end, OCTETS) !== undefined;
  if (number !== V3) return false;
  const header = contentOf(datagram, version.end, SEQUENCE);
  const security = header && contentOf(datagram, header.end, OCTETS);
  const parameters = security && contentOf(datagram, security.start, SEQUENCE);
  const id = parameters && contentOf(datagram, parameters.start, OCTETS);
  if (!id) return false;
  return id.start === id.end || Buffer.compare(datagram.subarray(id.start, id.end), engineId) === 0;
}

const [SEQUENCE, INTEGER, OCTETS] = [0x30, 0x02, 0x04] as const;
const [V2C, V3] = [1, 3];

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The content of the element at `at`, when it is of this type and within the datagram. X.690 §8.1 */
function contentOf(bytes: Uint8Array, at: number, type: number): Range | undefined {
  const first = bytes[at + 1];
  if (bytes[at] !== type || first === undefined) return undefined;
  const more = first & 0x80 ? first & 0x7f : 0;
  if (more > 2 || (first & 0x80 && more === 0)) return undefined;
  let length = more === 0 ? first : 0;
  for (let index = 0; index < more; index++) length = length * 256 + (bytes[at + 2 + index] ?? 0);
  const start = at + 2 + more;
  return start + length <= bytes.length ? { start, end: start + length } : undefined;
}

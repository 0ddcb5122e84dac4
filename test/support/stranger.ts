/**
 * Someone on the path who knows no key: forges answers to what it sees, repeats what it saw, and sends garbage. All of
 * it carries the hub's address, as far as UDP lets anybody claim one.
 */
import type { Branch } from "./branch.ts";
import type { Datagram } from "./link.ts";
import type { SeededRandom } from "./seeded-random.ts";
import { FLAG, notify, readHeader, type WirePayload, writeClear } from "./virtual-hub/wire.ts";

/** An answer to an IKE_SA_INIT request with these payloads; `spiResponder` 0 unless given. */
export function forgedInitAnswer(
  request: Datagram,
  payloads: readonly WirePayload[],
  spiResponder = 0n,
): Datagram {
  const header = readHeader(request.bytes);
  if (!header) throw new Error("not an IKE message");
  const forged = { ...header, spiResponder, flags: FLAG.response };
  return answering(request, writeClear(forged, payloads));
}

/** An answer that says nothing but this error. */
export function forgedRefusal(request: Datagram, type: number, data?: Uint8Array): Datagram {
  return forgedInitAnswer(request, [notify(type, data)]);
}

/** A datagram back to where `request` came from. */
export function answering({ protocol, from, to }: Datagram, bytes: Uint8Array): Datagram {
  return { protocol, from: to, to: from, bytes };
}

/** Bytes of every kind that a stranger can make from what it saw: noise, cut, flipped, renumbered, wrong lengths. */
export function garbageLike(sample: Uint8Array, random: SeededRandom): Uint8Array {
  const bytes = Uint8Array.from(sample);
  const at = Math.floor(random.next() * bytes.length);
  switch (Math.floor(random.next() * 6)) {
    case 0:
      return random.bytes(Math.floor(random.next() * 200));
    case 1:
      return bytes.subarray(0, at);
    case 2:
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random.next() * 8));
      return bytes;
    case 3:
      for (let index = 0; index < 8; index++) {
        bytes[Math.floor(random.next() * bytes.length)] = Math.floor(random.next() * 256);
      }
      return bytes;
    case 4:
      if (bytes.length >= 28) new DataView(bytes.buffer).setUint32(20, random.next() * 2 ** 32);
      return bytes;
    default:
      if (bytes.length >= 32) new DataView(bytes.buffer).setUint16(30, random.next() * 2 ** 16);
      return bytes;
  }
}

/** Gives the branch a datagram as if it had come over the network. */
export function inject(branch: Branch, datagram: Datagram): void {
  branch.receive(datagram);
}

/** What fits through an ESP tunnel: interface MTU and TCP MSS from cipher overhead, UDP encapsulation and path. */
import { invariant } from "#lib/invariant.ts";
import type { IpFamily } from "#lib/ip.ts";

/** How one tunnel's packets are wrapped. */
export interface Encapsulation {
  /** Family of the outer addresses. */
  readonly underlay: IpFamily;
  /** ESP in UDP, RFC 3948. */
  readonly udp: boolean;
  readonly mode: "tunnel" | "transport";
  /** IANA "Encryption Algorithm" and "Integrity Algorithm" ids; no integrity with an AEAD cipher. */
  readonly encryption: number;
  readonly integrity?: number;
}

interface CipherShape {
  readonly ivBytes: number;
  /** Encrypted text is a multiple of this. RFC 4303 §2.4 asks for 4 at least. */
  readonly blockBytes: number;
  /** Undefined where the check value comes from an integrity algorithm. */
  readonly icvBytes?: number;
}

const ciphers: Readonly<Record<number, CipherShape>> = {
  3: { ivBytes: 8, blockBytes: 8 },
  11: { ivBytes: 0, blockBytes: 4 },
  12: { ivBytes: 16, blockBytes: 16 },
  13: { ivBytes: 8, blockBytes: 4 },
  14: { ivBytes: 8, blockBytes: 4, icvBytes: 8 },
  15: { ivBytes: 8, blockBytes: 4, icvBytes: 12 },
  16: { ivBytes: 8, blockBytes: 4, icvBytes: 16 },
  18: { ivBytes: 8, blockBytes: 4, icvBytes: 8 },
  19: { ivBytes: 8, blockBytes: 4, icvBytes: 12 },
  20: { ivBytes: 8, blockBytes: 4, icvBytes: 16 },
  21: { ivBytes: 8, blockBytes: 4, icvBytes: 16 },
  28: { ivBytes: 8, blockBytes: 4, icvBytes: 16 },
};

/** Bytes of check value by integrity id. RFC 2404, RFC 4868 §2.6, RFC 3566, RFC 4494 */
const integrityIcvBytes: Readonly<Record<number, number>> = {
  2: 12,
  5: 12,
  8: 12,
  12: 16,
  13: 24,
  14: 32,
};

/** SPI and sequence number; pad length and next header. RFC 4303 §2 */
const ESP_HEADER_BYTES = 8;
const ESP_TRAILER_BYTES = 2;
const UDP_HEADER_BYTES = 8;
const IP_HEADER_BYTES = { 4: 20, 6: 40 } as const;
const TCP_HEADER_BYTES = 20;
/** Below this an interface carries no IPv6. RFC 8200 §5 */
const LEAST_IPV6_MTU = 1_280;
/** RFC 791: every host takes this; nothing smaller makes a usable interface. */
const LEAST_IPV4_MTU = 576;

/**
 * The largest inner packet whose outer packet fits `pathMtu`, bytes; in transport mode the largest packet before ESP.
 * Never below what the inner families need: there the outer packet is fragmented instead.
 * @throws {InvariantError} for algorithms without an ESP shape: negotiation let them through.
 */
export function tunnelMtu(
  pathMtu: number,
  encapsulation: Encapsulation,
  carriesIpv6: boolean,
): number {
  const cipher = ciphers[encapsulation.encryption];
  const icvBytes = cipher?.icvBytes ?? integrityIcvBytes[encapsulation.integrity ?? 0];
  invariant(
    cipher && icvBytes !== undefined,
    "no ESP overhead known for the negotiated algorithms",
  );
  const outer =
    IP_HEADER_BYTES[encapsulation.underlay] +
    (encapsulation.udp ? UDP_HEADER_BYTES : 0) +
    ESP_HEADER_BYTES +
    cipher.ivBytes +
    icvBytes;
  const blocks = Math.floor((pathMtu - outer) / cipher.blockBytes);
  const encrypted = blocks * cipher.blockBytes - ESP_TRAILER_BYTES;
  const inner =
    encapsulation.mode === "tunnel"
      ? encrypted
      : encrypted + IP_HEADER_BYTES[encapsulation.underlay];
  return Math.max(inner, carriesIpv6 ? LEAST_IPV6_MTU : LEAST_IPV4_MTU);
}

/** The TCP payload that fills one packet of `mtu` bytes without options, by family. RFC 6691 §2 */
export function tcpMss(mtu: number): { readonly ipv4: number; readonly ipv6: number } {
  return {
    ipv4: mtu - IP_HEADER_BYTES[4] - TCP_HEADER_BYTES,
    ipv6: mtu - IP_HEADER_BYTES[6] - TCP_HEADER_BYTES,
  };
}

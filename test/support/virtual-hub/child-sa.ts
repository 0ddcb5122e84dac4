/**
 * A Child SA as the virtual hub knows it, with a virtual ESP: packets carry no payload, only a check value under the
 * negotiated keys, so that a packet gets through exactly when both ends hold the same keys for the same SPI.
 */
import { createHmac } from "node:crypto";
import type { SecurityAssociation } from "#dataplane/desired.ts";
import { ByteWriter, concatBytes, equalBytes } from "#lib/bytes.ts";
import type { Prefix } from "#lib/ip.ts";
import type { HubIkeSa } from "./ike-sa.ts";
import type { DirectionKeys } from "./keys.ts";
import { type EspSuite, encryptionKeyBytes } from "./suite.ts";
import type { WireSelector } from "./wire.ts";

export type ChildState =
  | "up"
  /** The branch has rekeyed it and is expected to delete it. */
  | "replaced"
  /** The hub is closing it. */
  | "deleting"
  | "gone";

/** One Child SA of the hub: a pair of SPIs with the keys of both directions. */
export interface HubChild {
  readonly spiIn: number;
  readonly spiOut: number;
  readonly suite: EspSuite;
  readonly inbound: DirectionKeys;
  readonly outbound: DirectionKeys;
  readonly local: readonly WireSelector[];
  readonly remote: readonly WireSelector[];
  readonly localPrefixes: readonly Prefix[];
  readonly remotePrefixes: readonly Prefix[];
  readonly isTransport: boolean;
  /** IKE SA that it belongs to now; an IKE rekey moves it. */
  owner: HubIkeSa;
  state: ChildState;
  /** Set while the hub rekeys it and the branch's own rekey of it came in between. */
  collision?: { readonly child: HubChild; readonly nonces: readonly Uint8Array[] };
  /** Highest sequence number sent. */
  sent: number;
  received: number;
}

/** What one end of the tunnel puts on the wire for one inner packet. */
export function virtualEsp(spi: number, sequence: number, keys: DirectionKeys): Uint8Array {
  const head = new ByteWriter(8).u32(spi).u32(sequence).finish();
  return concatBytes(head, checkValue(head, keys));
}

/** Whether a virtual ESP packet was made with these keys. */
export function isGenuineEsp(packet: Uint8Array, keys: DirectionKeys): boolean {
  const head = packet.subarray(0, 8);
  return packet.length === 24 && equalBytes(packet.subarray(8), checkValue(head, keys));
}

/** The keys of an SA that the branch installed, in the form of the hub's. */
export function keysOf(sa: SecurityAssociation): DirectionKeys {
  return {
    encryption: sa.encryption.key.reveal(),
    integrity: sa.integrity?.key.reveal() ?? new Uint8Array(),
  };
}

/** What differs between a direction of the hub's child and the branch's SA; empty when they agree. */
export function disagreements(child: HubChild, sa: SecurityAssociation): string[] {
  const keys = sa.direction === "out" ? child.inbound : child.outbound;
  const theirs = keysOf(sa);
  const { suite } = child;
  const claims: readonly (readonly [string, boolean])[] = [
    ["cipher", sa.encryption.id === suite.encryption],
    [
      "key length",
      theirs.encryption.length === encryptionKeyBytes(suite.encryption, suite.keyLength),
    ],
    ["encryption key", equalBytes(theirs.encryption, keys.encryption)],
    ["integrity algorithm", (sa.integrity?.id ?? 0) === suite.integrity],
    ["integrity key", equalBytes(theirs.integrity, keys.integrity)],
    ["ESN", sa.esn === suite.esn],
    ["mode", (sa.mode === "transport") === child.isTransport],
    ["branch selectors", sameSet(sa.selectors.local, child.remotePrefixes)],
    ["hub selectors", sameSet(sa.selectors.remote, child.localPrefixes)],
    ["UDP encapsulation", sa.udpEncapsulation === child.owner.isUdpEncapsulated],
  ];
  return claims.filter(([, holds]) => !holds).map(([name]) => name);
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return [...a].sort().join() === [...b].sort().join();
}

function checkValue(head: Uint8Array, keys: DirectionKeys): Uint8Array {
  const hmac = createHmac("sha256", concatBytes(keys.encryption, keys.integrity)).update(head);
  return Uint8Array.from(hmac.digest().subarray(0, 16));
}

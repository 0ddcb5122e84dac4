/**
 * Finds NATs between the ends by hashes of SPIs and addresses, and what follows: port 4500. Knows no sockets.
 * RFC 7296 §2.23.
 */
import { createHash } from "node:crypto";
import { equalBytes } from "#lib/bytes.ts";
import { type Endpoint, ipBytes } from "#lib/ip.ts";
import type { Path } from "../connection.ts";
import { NotifyType } from "../message/iana.ts";
import type { IkeSpi, NotifyPayload, Payload } from "../message/message.ts";
import { notify } from "./notify.ts";

/** NAT_DETECTION_SOURCE_IP and NAT_DETECTION_DESTINATION_IP of a message sent along `path`. */
export function buildNatDetection(
  spiInitiator: IkeSpi,
  spiResponder: IkeSpi,
  path: Path,
): readonly Payload[] {
  return [
    notify(NotifyType.NAT_DETECTION_SOURCE_IP, natHash(spiInitiator, spiResponder, path.local)),
    notify(
      NotifyType.NAT_DETECTION_DESTINATION_IP,
      natHash(spiInitiator, spiResponder, path.remote),
    ),
  ];
}

/**
 * Reads the peer's hashes of a message that came along `path`.
 * @returns which side is behind a NAT; both false when the peer sent no hashes.
 */
export function processNatDetection(
  notifies: readonly NotifyPayload[],
  spiInitiator: IkeSpi,
  spiResponder: IkeSpi,
  path: Path,
): { readonly natLocal: boolean; readonly natRemote: boolean } {
  const hashes = (type: number): readonly Uint8Array[] =>
    notifies.filter((one) => one.notify === type).map(({ data }) => data);
  const missing = (received: readonly Uint8Array[], endpoint: Endpoint): boolean => {
    if (received.length === 0) return false;
    const own = natHash(spiInitiator, spiResponder, endpoint);
    return !received.some((hash) => equalBytes(hash, own));
  };
  return {
    natLocal: missing(hashes(NotifyType.NAT_DETECTION_DESTINATION_IP), path.local),
    natRemote: missing(hashes(NotifyType.NAT_DETECTION_SOURCE_IP), path.remote),
  };
}

/** The same ends on port 4500. RFC 7296 §2.23 */
export function movedTo4500(path: Path): Path {
  return {
    ...path,
    local: { ...path.local, port: NAT_PORT },
    remote: { ...path.remote, port: NAT_PORT },
  };
}

/** SHA-1 of SPIs, address and port. */
export function natHash(
  spiInitiator: IkeSpi,
  spiResponder: IkeSpi,
  endpoint: Endpoint,
): Uint8Array {
  const fixed = new Uint8Array(16);
  const view = new DataView(fixed.buffer);
  view.setBigUint64(0, spiInitiator);
  view.setBigUint64(8, spiResponder);
  const port = new Uint8Array(2);
  new DataView(port.buffer).setUint16(0, endpoint.port);
  const hash = createHash("sha1");
  return hash.update(fixed).update(ipBytes(endpoint.address)).update(port).digest();
}

const NAT_PORT = 4_500;

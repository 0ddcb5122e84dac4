/** SNMP messages written octet by octet, right and wrong ones. X.690 §8, RFC 3412 §6 */

/** An element of BER; content of up to 65535 octets. */
export function element(type: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(type, ...size), content]);
}

/** An INTEGER of four octets. */
export function whole(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return element(0x02, bytes);
}

const small = (value: number) => element(0x02, Buffer.of(value));
/** 1.3 without a value. */
const anything = element(0x30, element(0x30, element(0x06, Buffer.of(0x2b)), Buffer.of(0x05, 0)));

/** A GetBulkRequest for all that is behind 1.3, by SNMPv2c. */
export function bulkRequest(community: string, maxRepetitions: number, version = 1): Buffer {
  const pdu = element(0xa5, whole(1), whole(0), whole(maxRepetitions), anything);
  return element(0x30, small(version), element(0x04, Buffer.from(community)), pdu);
}

/** A GetNextRequest by SNMPv3 that claims to be of a user, with an empty signature where `isSigned`. */
export function nextRequestV3(engineId: Uint8Array, user: string, isSigned: boolean): Buffer {
  const flags = element(0x04, Buffer.of(isSigned ? 5 : 4));
  const header = element(0x30, small(1), element(0x02, Buffer.of(0x7f, 0xff)), flags, small(3));
  const security = element(
    0x30,
    element(0x04, engineId),
    small(1),
    small(1),
    element(0x04, Buffer.from(user)),
    element(0x04, Buffer.alloc(isSigned ? 48 : 0)),
    element(0x04),
  );
  const pdu = element(0xa1, whole(1), whole(0), whole(0), anything);
  const scoped = element(0x30, element(0x04, engineId), element(0x04), pdu);
  return element(0x30, small(3), header, element(0x04, security), scoped);
}

import { expect, test } from "vitest";
import type { SecurityAssociation } from "#dataplane/desired.ts";
import { tunnelId } from "#dataplane/ownership.ts";
import { InvariantError } from "#lib/invariant.ts";
import type { IpAddress } from "#lib/ip.ts";
import { SecretBytes } from "#lib/secret.ts";
import { ciphers } from "#linux/xfrm/algorithms.ts";
import { decodeSa, deleteSa, newSa, updateSa } from "#linux/xfrm/codec.ts";
import { attribute, size } from "#linux/xfrm/uapi.ts";
import { capturedMessage, encoded, partsOf } from "../netlink/vector.ts";

const ifId = tunnelId(1);
const hub = "203.0.113.2" as IpAddress;
const branch = "198.51.100.2" as IpAddress;

function inbound(changes: Partial<SecurityAssociation> = {}): SecurityAssociation {
  return {
    spi: 0xc0ffee01,
    direction: "in",
    source: { address: hub, port: 4500 },
    destination: { address: branch, port: 4501 },
    udpEncapsulation: true,
    mode: "tunnel",
    encryption: { id: 20, key: counting(36) },
    esn: true,
    replayWindow: 512,
    lifetime: {
      softSeconds: 3_000,
      hardSeconds: 3_600,
      softBytes: 1_000_000,
      hardBytes: 2_000_000,
    },
    offload: "none",
    client: "hq",
    selectors: { local: [], remote: [] },
    ...changes,
  };
}

const counting = (length: number) => new SecretBytes(Uint8Array.from({ length }, (_, i) => i));
const filled = (length: number, byte: number) => new SecretBytes(new Uint8Array(length).fill(byte));

test("an inbound AES-GCM SA with ESN, window, lifetimes and UDP encapsulation is what iproute2 sends", () => {
  const captured = partsOf(capturedMessage("sa-in-gcm-esn-natt"), size.saInfo);
  expect(partsOf(encoded(newSa(inbound(), { ifId })), size.saInfo)).toEqual({
    ...captured,
    flags: captured.flags & 0xff,
  });
});

test("an update of an outbound CBC SA over IPv6 with truncated HMAC is what iproute2 sends", () => {
  const sa = inbound({
    spi: 0x11223344,
    direction: "out",
    source: { address: "2001:db8:b1::2" as IpAddress, port: 500 },
    destination: { address: "2001:db8:1::2" as IpAddress, port: 500 },
    udpEncapsulation: false,
    encryption: { id: 12, key: filled(32, 0x5a) },
    integrity: { id: 12, key: filled(32, 0xa5) },
    esn: false,
    lifetime: {},
  });
  const captured = partsOf(capturedMessage("sa-out-cbc-sha256-ipv6"), size.saInfo);
  expect(partsOf(encoded(updateSa(sa, { ifId })), size.saInfo)).toEqual({
    ...captured,
    flags: captured.flags & 0xff,
  });
});

test("an SA is deleted by destination, SPI and protocol as iproute2 does it", () => {
  const captured = partsOf(capturedMessage("sa-delete"), size.saId);
  const request = deleteSa({ spi: 0xc0ffee01, destination: branch });
  const ours = partsOf(encoded(request), size.saId);
  expect(ours.body).toBe(captured.body);
  expect(ours.type).toBe(captured.type);
});

test.each(Object.entries(ciphers))(
  "cipher %s is written with the key length and check value of its table",
  (id, cipher) => {
    const keyBytes = (cipher.keyBytes.at(-1) ?? 0) + cipher.saltBytes;
    const sa = inbound({
      encryption: { id: Number(id), key: counting(keyBytes) },
      ...(cipher.icvBits === undefined && { integrity: { id: 14, key: counting(64) } }),
    });
    const { attributes } = partsOf(encoded(newSa(sa, { ifId })), size.saInfo);
    const type = cipher.icvBits === undefined ? attribute.algorithmCrypt : attribute.algorithmAead;
    const value = Buffer.from(attributes[type] ?? "", "hex");
    expect(value.toString("latin1", 0, 64).replaceAll("\0", "")).toBe(cipher.name);
    expect(value.readUInt32LE(64)).toBe(keyBytes * 8);
    if (cipher.icvBits !== undefined) expect(value.readUInt32LE(68)).toBe(cipher.icvBits);
    expect(value.subarray(-keyBytes || value.length).toString("hex")).toBe(
      Buffer.from(counting(keyBytes).reveal()).toString("hex"),
    );
  },
);

test("a key of a length that the cipher does not take is our own fault", () => {
  const sa = inbound({ encryption: { id: 20, key: counting(35) } });
  expect(() => encoded(newSa(sa, { ifId }))).toThrow(InvariantError);
});

test("a cipher without check value and without integrity algorithm is our own fault", () => {
  const sa = inbound({ encryption: { id: 12, key: counting(32) } });
  expect(() => encoded(newSa(sa, { ifId }))).toThrow(InvariantError);
});

test("an outbound SA with ESN has a window, since the kernel refuses ESN without one", () => {
  const { attributes } = partsOf(
    encoded(newSa(inbound({ direction: "out" }), { ifId })),
    size.saInfo,
  );
  expect(Buffer.from(attributes[attribute.replayEsn] ?? "", "hex").readUInt32LE(20)).toBe(32);
});

test("a window larger than the kernel's largest is cut to it", () => {
  const { attributes } = partsOf(
    encoded(newSa(inbound({ replayWindow: 100_000 }), { ifId })),
    size.saInfo,
  );
  expect(Buffer.from(attributes[attribute.replayEsn] ?? "", "hex").readUInt32LE(20)).toBe(4_096);
});

test("an SA that goes on elsewhere takes its sequence numbers and its window along", () => {
  const replay = { sent: 0x1_0000_0005n, received: 0x2_0000_0007n, bitmap: [1, 2, 3] };
  const message = encoded(newSa(inbound({ replayWindow: 96 }), { ifId, replay }));
  expect(decodeSa(message.subarray(16))?.replay).toEqual(replay);
});

test("what is written reads back with SPI, addresses, ports and ids", () => {
  const message = encoded(newSa(inbound(), { ifId }));
  expect(decodeSa(message.subarray(16))).toMatchObject({
    spi: 0xc0ffee01,
    source: hub,
    destination: branch,
    protocol: 50,
    requestId: ifId,
    ifId,
    udpPorts: { source: 4500, destination: 4501 },
    isOffloaded: false,
  });
});

test("an SA for a device names it with its flags", () => {
  const offload = { interfaceIndex: 7, flags: 6 };
  const { attributes } = partsOf(encoded(newSa(inbound(), { ifId, offload })), size.saInfo);
  expect(attributes[attribute.offloadDevice]).toBe("0700000006000000");
});

test("a truncated SA message reads as none", () => {
  const message = encoded(newSa(inbound(), { ifId }));
  expect(decodeSa(message.subarray(16, 200))).toBeUndefined();
});

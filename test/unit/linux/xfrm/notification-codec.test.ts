import { expect, test } from "vitest";
import { tunnelId } from "#dataplane/ownership.ts";
import { NetlinkWriter } from "#linux/netlink/codec.ts";
import { decodeNotification } from "#linux/xfrm/notification-codec.ts";
import { attribute, message } from "#linux/xfrm/uapi.ts";

const ifId = tunnelId(3);

/** A message whose fields are set at their offsets. */
function payload(length: number, set: (view: DataView) => void, tail?: NetlinkWriter): Uint8Array {
  const bytes = new Uint8Array(length + (tail?.length ?? 0));
  set(new DataView(bytes.buffer));
  if (tail) bytes.set(tail.view(), length);
  return bytes;
}

const received = (type: number, bytes: Uint8Array) =>
  decodeNotification({ type, flags: 0, sequence: 0, payload: bytes });

const expire = (requestId: number, hard: number) =>
  payload(232, (view) => {
    view.setUint32(72, 0xc0ffee01);
    view.setUint32(208, requestId, true);
    view.setUint8(224, hard);
  });

test.each([
  [0, false],
  [1, true],
])("an expiry with hard = %i names the SA", (hard, isHard) => {
  const notification = received(message.expire, expire(ifId, hard));
  expect(notification).toEqual({ kind: "expire", spi: 0xc0ffee01, hard: isHard });
});

test("an expiry of somebody else's SA is not ours", () => {
  expect(received(message.expire, expire(42, 1))).toBeUndefined();
});

test("a packet without an SA names the interface that it was sent to", () => {
  const tail = new NetlinkWriter().attribute(attribute.ifId, (value) => value.u32(ifId));
  const bytes = payload(280, () => {}, tail);
  expect(received(message.acquire, bytes)).toEqual({ kind: "acquire", requestId: ifId });
});

test("a peer behind a NAT that moved is told with its new port", () => {
  const bytes = payload(64, (view) => {
    view.setUint32(16, 0xc0ffee01);
    view.setUint16(20, 2, true);
    view.setUint32(24, ifId, true);
    view.setUint32(44, 0xcb007109);
    view.setUint16(60, 4500);
    view.setUint16(62, 20_001);
  });
  expect(received(message.mapping, bytes)).toEqual({
    kind: "mapping",
    spi: 0xc0ffee01,
    remote: { address: "203.0.113.9", port: 20_001 },
  });
});

test.each([message.expire, message.acquire, message.mapping])(
  "a truncated message of type %i reads as none",
  (type) => {
    expect(received(type, new Uint8Array(40))).toBeUndefined();
  },
);

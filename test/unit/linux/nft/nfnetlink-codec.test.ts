import { expect, test } from "vitest";
import { toHex } from "#lib/bytes.ts";
import { decodeMessages, NetlinkWriter } from "#linux/netlink/codec.ts";
import {
  decodeCounter,
  decodeFlow,
  forgetFlowRequest,
  listCountersRequest,
} from "#linux/nft/nfnetlink-codec.ts";

/** The one message in these bytes. */
function message(write: (writer: NetlinkWriter) => void) {
  const writer = new NetlinkWriter().message({ type: 0x100, flags: 0, body: write }, 1);
  const [only] = decodeMessages(writer.view());
  if (!only) throw new Error("no message");
  return only;
}

/** A tuple as the kernel nests it: addresses 1, protocol 2. nfnetlink_conntrack.h: CTA_TUPLE_* */
function tuple(writer: NetlinkWriter, type: number, source: number[], destination: number[]): void {
  const first = source.length === 4 ? 1 : 3;
  writer.attribute(type | 0x8000, (nested) => {
    nested.attribute(0x8001, (ends) => {
      ends.attribute(first, (value) => value.bytes(Uint8Array.from(source)));
      ends.attribute(first + 1, (value) => value.bytes(Uint8Array.from(destination)));
    });
    nested.attribute(0x8002, (protocol) => protocol.attribute(1, (value) => value.u8(17)));
  });
}

test("a request for counters names our table and asks for counters only", () => {
  const writer = new NetlinkWriter().message(listCountersRequest("flexspoke"), 7);
  // length, NFT_MSG_GETOBJ of subsystem 10, dump, sequence, port; inet; table; type counter
  expect(toHex(writer.view())).toBe(
    "2c000000130a00030700000000000000" +
      "01000000" +
      "0e000100666c657873706f6b65000000" +
      "0800030000000001",
  );
});

test("a counter is read with its name and its counts in network order", () => {
  const counter = message((writer) => {
    writer.bytes(Uint8Array.of(1, 0, 0, 0));
    writer.attribute(1, (value) => value.text("flexspoke"));
    writer.attribute(2, (value) => value.text("kill-switch.hq"));
    writer.attribute(0x8004, (data) => {
      data.attribute(1, (value) => value.be32(1).be32(0));
      data.attribute(2, (value) => value.be32(0).be32(3));
    });
  });
  expect(decodeCounter(counter)).toEqual({
    name: "kill-switch.hq",
    packets: 3,
    bytes: 2 ** 32,
  });
});

test("a translated flow is read with both ends and where its answers go", () => {
  const flow = message((writer) => {
    writer.bytes(Uint8Array.of(2, 0, 0, 0));
    tuple(writer, 1, [192, 168, 12, 10], [10, 1, 0, 10]);
    tuple(writer, 2, [10, 1, 0, 10], [10, 250, 1, 7]);
  });
  expect(decodeFlow(flow)).toMatchObject({
    source: "192.168.12.10",
    destination: "10.1.0.10",
    answersTo: "10.250.1.7",
    handle: { family: 2 },
  });
});

test("a request to forget a flow gives the kernel back its own words for it", () => {
  const flow = message((writer) => {
    writer.bytes(Uint8Array.of(10, 0, 0, 0));
    tuple(writer, 1, [...Array(15).fill(0), 1], [...Array(15).fill(0), 2]);
    tuple(writer, 2, [...Array(15).fill(0), 2], [...Array(15).fill(0), 1]);
    writer.attribute(18, (value) => value.be16(5));
  });
  const decoded = decodeFlow(flow);
  if (!decoded) throw new Error("not decoded");
  const [request] = decodeMessages(
    new NetlinkWriter().message(forgetFlowRequest(decoded), 1).view(),
  );

  expect(request?.type).toBe(0x102);
  expect(request && decodeFlow({ ...request, payload: withReply(request.payload) })).toEqual(
    decoded,
  );
});

/** The payload with its original tuple repeated as the reply, so that it reads as a flow. */
function withReply(payload: Uint8Array): Uint8Array {
  const writer = new NetlinkWriter().bytes(payload);
  tuple(writer, 2, [...Array(15).fill(0), 2], [...Array(15).fill(0), 1]);
  return writer.view().slice();
}

test("what is no flow of IPv4 or IPv6 is left out", () => {
  const other = message((writer) => writer.bytes(Uint8Array.of(7, 0, 0, 0)));
  expect(decodeFlow(other)).toBeUndefined();
  expect(decodeCounter(other)).toBeUndefined();
});

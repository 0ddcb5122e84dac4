import { expect, test } from "vitest";
import { toHex } from "#lib/bytes.ts";
import { decodeMessages, NetlinkWriter } from "#linux/netlink/codec.ts";
import { decodeCounter, listCountersRequest } from "#linux/nft/nfnetlink-codec.ts";

/** The one message in these bytes. */
function message(write: (writer: NetlinkWriter) => void) {
  const writer = new NetlinkWriter().message({ type: 0x100, flags: 0, body: write }, 1);
  const [only] = decodeMessages(writer.view());
  if (!only) throw new Error("no message");
  return only;
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

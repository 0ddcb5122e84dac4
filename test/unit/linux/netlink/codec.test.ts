import { expect, test } from "vitest";
import { InvariantError } from "#lib/invariant.ts";
import {
  control,
  decodeAnswer,
  decodeAttributes,
  decodeMessages,
  flag,
  NetlinkWriter,
  numberAttribute,
  textAttribute,
} from "#linux/netlink/codec.ts";
import { errnoName } from "#linux/netlink/errno.ts";

const request = { type: 20, flags: flag.request, body: (writer: NetlinkWriter) => writer.u8(7) };

/** NLMSG_ERROR for a request of `length` bytes, with a text attribute. */
function refusal(errno: number, length: number, flags: number, text: string): Uint8Array {
  const writer = new NetlinkWriter();
  const echo = (flags & flag.capped) === 0 ? length - 16 : 0;
  writer.message(
    {
      type: control.error,
      flags,
      body: (body) => {
        body
          .u32(-errno >>> 0)
          .u32(length)
          .u16(20)
          .u16(1)
          .u32(9)
          .u32(0)
          .zeros((echo + 3) & ~3);
        body.attribute(1, (value) => value.text(text));
      },
    },
    9,
  );
  return writer.view();
}

test("several messages in one buffer are split at four-byte boundaries", () => {
  const writer = new NetlinkWriter(8);
  writer.message(request, 1).message(request, 2);
  const messages = decodeMessages(writer.view());
  expect(messages.map(({ sequence }) => sequence)).toEqual([1, 2]);
  expect(messages.map(({ payload }) => [...payload])).toEqual([[7], [7]]);
});

test("a header that promises more than there is ends the reading", () => {
  const bytes = new NetlinkWriter().message(request, 1).message(request, 2).view();
  expect(decodeMessages(bytes.subarray(0, 36))).toHaveLength(1);
});

test("an attribute that promises more than there is ends the reading", () => {
  const bytes = new NetlinkWriter()
    .attribute(3, (value) => value.u32(5))
    .u16(200)
    .u16(4)
    .view();
  expect([...decodeAttributes(bytes).keys()]).toEqual([3]);
});

test("nested attributes read as they were written, their flag bit left out", () => {
  const bytes = new NetlinkWriter()
    .attribute(18 | 0x8000, (outer) => outer.attribute(1, (value) => value.text("xfrm")))
    .view();
  const outer = decodeAttributes(bytes).get(18);
  expect(outer && textAttribute(decodeAttributes(outer), 1)).toBe("xfrm");
});

test.each([
  [[1], 1],
  [[1, 2], 0x0201],
  [[1, 2, 3, 4], 0x04030201],
  [[1, 2, 3], undefined],
])("a number attribute of bytes %j is %s", (bytes, value) => {
  const encoded = new NetlinkWriter().attribute(1, (w) => w.bytes(Uint8Array.from(bytes))).view();
  expect(numberAttribute(decodeAttributes(encoded), 1)).toBe(value);
});

test("an acknowledgement has errno 0", () => {
  const bytes = new NetlinkWriter().message({ ...request, type: 2, body: (w) => w.zeros(20) }, 1);
  const [message] = decodeMessages(bytes.view());
  expect(message && decodeAnswer(message)).toEqual({ errno: 0 });
});

test.each([
  ["echoes the request", flag.ackTlvs],
  ["leaves the request out", flag.ackTlvs | flag.capped],
])("the kernel's own words are found in a refusal that %s", (_, flags) => {
  const [message] = decodeMessages(refusal(22, 57, flags, "Invalid selector"));
  expect(message && decodeAnswer(message)).toEqual({ errno: 22, text: "Invalid selector" });
});

test("a refusal without words has only its number", () => {
  const [message] = decodeMessages(refusal(17, 57, 0, "not to be read"));
  expect(message && decodeAnswer(message)).toEqual({ errno: 17 });
});

test("the writer leaves no copy of what it wrote when it grows or is wiped", () => {
  const writer = new NetlinkWriter(16);
  const small = writer.bytes(new Uint8Array(16).fill(0xaa)).view();
  const large = writer.u32(1).view();
  expect([...small]).toEqual(Array(16).fill(0));
  writer.wipe();
  expect([...large]).toEqual(Array(20).fill(0));
});

test("text that does not fit its field is our own fault", () => {
  expect(() => new NetlinkWriter().text("x".repeat(64), 64)).toThrow(InvariantError);
});

test.each([
  [1, "EPERM"],
  [93, "EPROTONOSUPPORT"],
  [95, "EOPNOTSUPP"],
  [524, "ENOTSUPP"],
  [4000, "errno 4000"],
])("errno %i is called %s", (errno, name) => {
  expect(errnoName(errno)).toBe(name);
});

import { expect, test } from "vitest";
import { InterfaceEvents } from "#linux/kernel-events.ts";
import { decodeMessages, NetlinkWriter } from "#linux/netlink/codec.ts";
import type { LinkStatus } from "#linux/route/link-codec.ts";

const status = (index: number, name: string, isRunning: boolean): LinkStatus => ({
  index,
  name,
  isUp: isRunning,
  isRunning,
  mtu: 1_500,
});

/** RTM_NEWLINK (16) or RTM_DELLINK (17) of an interface. */
function linkMessage(type: number, index: number, name: string, isRunning: boolean) {
  const bytes = new NetlinkWriter().message(
    {
      type,
      flags: 0,
      body: (writer) => {
        writer
          .zeros(4)
          .u32(index)
          .u32(isRunning ? 0x41 : 0)
          .u32(0);
        writer.attribute(3, (value) => value.text(name));
      },
    },
    0,
  );
  const [message] = decodeMessages(bytes.view());
  if (!message) throw new Error("no message");
  return message;
}

test("an interface is told when it comes up, not again while it stays up", () => {
  const events = new InterfaceEvents();
  events.resync([status(2, "wan0", false)]);
  const up = linkMessage(16, 2, "wan0", true);
  expect(events.read(up)).toEqual([{ kind: "link", name: "wan0", isUp: true }]);
  expect(events.read(up)).toEqual([]);
});

test("an interface that goes away goes down", () => {
  const events = new InterfaceEvents();
  events.resync([status(2, "wan0", true)]);
  expect(events.read(linkMessage(17, 2, "wan0", true))).toEqual([
    { kind: "link", name: "wan0", isUp: false },
  ]);
});

test("an interface with another name is one that went and one that came", () => {
  const events = new InterfaceEvents();
  events.resync([status(2, "wwan0", true)]);
  expect(events.read(linkMessage(16, 2, "lte", true))).toEqual([
    { kind: "link", name: "wwan0", isUp: false },
    { kind: "link", name: "lte", isUp: true },
  ]);
});

test("after lost messages only what changed is told", () => {
  const events = new InterfaceEvents();
  events.resync([status(2, "wan0", true), status(3, "wwan0", true)]);
  expect(events.resync([status(2, "wan0", true), status(4, "eth1", true)])).toEqual([
    { kind: "link", name: "wwan0", isUp: false },
    { kind: "link", name: "eth1", isUp: true },
  ]);
});

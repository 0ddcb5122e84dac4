import fc from "fast-check";
import { expect, test } from "vitest";
import { NetlinkWriter } from "#linux/netlink/codec.ts";
import { decodeTableRoute } from "#linux/route/next-hop-codec.ts";

/** linux/rtnetlink.h: RTNH_F_* */
const DEAD = 0x1;
const ON_LINK = 0x4;
const LINK_DOWN = 0x10;

/** A route to 10.0.0.0/8 of the main table, made by a daemon (protocol 186), metric 7. */
function payload(flags: number, write: (writer: NetlinkWriter) => void, kind = 1): Uint8Array {
  const writer = new NetlinkWriter();
  // struct rtmsg: family, lengths, tos, table, protocol, scope, type, flags
  writer.u8(2).u8(8).u8(0).u8(0).u8(254).u8(186).u8(0).u8(kind).u32(flags);
  writer.attribute(1, (value) => value.bytes(Uint8Array.of(10, 0, 0, 0)));
  writer.attribute(6, (value) => value.u32(7));
  write(writer);
  return writer.view();
}

const gateway = (writer: NetlinkWriter, last: number) =>
  writer.attribute(5, (value) => value.bytes(Uint8Array.of(192, 0, 2, last)));

test("a route with one next hop has its interface, gateway and health in it", () => {
  const one = (flags: number) =>
    decodeTableRoute(
      payload(flags, (writer) => {
        gateway(writer, 1);
        writer.attribute(4, (value) => value.u32(3));
      }),
    );
  expect(one(0)).toEqual({
    prefix: "10.0.0.0/8",
    table: 254,
    metric: 7,
    protocol: 186,
    isUnicast: true,
    nextHops: [{ deviceIndex: 3, gateway: "192.0.2.1", isDead: false }],
  });
  expect(one(ON_LINK)?.nextHops[0]?.isDead).toBe(false);
  expect(one(DEAD)?.nextHops[0]?.isDead).toBe(true);
  expect(one(LINK_DOWN)?.nextHops[0]?.isDead).toBe(true);
});

test("a route with several next hops has each of them with its own health", () => {
  const bytes = payload(0, (writer) => {
    writer.attribute(9, (hops) => {
      // struct rtnexthop: length, flags, hops, interface
      gateway(hops.u16(16).u8(LINK_DOWN).u8(0).u32(3), 1);
      gateway(hops.u16(16).u8(0).u8(0).u32(4), 2);
      hops.u16(8).u8(0).u8(0).u32(5);
    });
  });
  expect(decodeTableRoute(bytes)?.nextHops).toEqual([
    { deviceIndex: 3, gateway: "192.0.2.1", isDead: true },
    { deviceIndex: 4, gateway: "192.0.2.2", isDead: false },
    { deviceIndex: 5, isDead: false },
  ]);
});

test("a route that refuses packets is told apart, and a local one is no route to a network", () => {
  expect(decodeTableRoute(payload(0, () => {}, 6))?.isUnicast).toBe(false);
  expect(decodeTableRoute(payload(0, () => {}, 7))?.isUnicast).toBe(false);
  expect(decodeTableRoute(payload(0, () => {}, 2))).toBeUndefined();
});

test("no bytes make it throw or run for ever", () => {
  const hops = fc.uint8Array({ maxLength: 80 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), hops, (bytes, several) => {
      decodeTableRoute(bytes);
      const made = payload(0, (writer) => {
        writer.attribute(9, (value) => value.bytes(several));
      });
      expect(decodeTableRoute(made)?.nextHops.length).toBeLessThanOrEqual(10);
    }),
    { seed: 3, numRuns: 2_000 },
  );
});

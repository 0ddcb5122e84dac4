import { expect, test } from "vitest";
import type { ConfigurationAttribute } from "#ike/message/message.ts";
import { buildConfigAck, processConfig } from "#ike/task/config-exchange.ts";
import { fromHex } from "#test/vectors/from-hex.ts";

const CFG_REPLY = 2;
const CFG_SET = 3;
const CFG_ACK = 4;
const attribute = (type: number, hex: string): ConfigurationAttribute => ({
  type,
  value: fromHex(hex),
});
const text = (type: number, value: string): ConfigurationAttribute => ({
  type,
  value: new TextEncoder().encode(value),
});
const reply = (...attributes: readonly ConfigurationAttribute[]) =>
  processConfig({ type: "CP", cfgType: CFG_REPLY, attributes });

test("addresses, DNS servers and networks of both families are read", () => {
  const assigned = reply(
    attribute(1, "0afa0107"),
    attribute(3, "0a010035"),
    attribute(8, `fd00000100000000000000000000000a${"40"}`),
    attribute(10, "fd000001000000000000000000000035"),
    attribute(13, "0a010000ffff0000"),
    attribute(15, `fd000002000000000000000000000000${"20"}`),
    text(25, "example.net"),
  );
  expect(assigned).toMatchObject({
    ipv4: "10.250.1.7",
    ipv6: "fd00:1::a/64",
    dns: ["10.1.0.53", "fd00:1::35"],
    subnets: ["10.1.0.0/16", "fd00:2::/32"],
    domains: ["example.net"],
  });
});

test("of two addresses of a family the first counts", () => {
  expect(reply(attribute(1, "0afa0107"), attribute(1, "0afa0108")).ipv4).toBe("10.250.1.7");
});

test("no payload, unknown attributes and wrong lengths assign nothing", () => {
  const nothing = processConfig(undefined);
  expect(nothing.ipv4).toBeUndefined();
  const odd = reply(
    attribute(1, "0afa01"),
    attribute(8, "fd"),
    attribute(13, "0a010000"),
    attribute(13, "0a010000ff00ff00"),
    attribute(15, "fd"),
    attribute(999, "00"),
  );
  expect(odd).toEqual(nothing);
});

test("Cisco's split-include gives networks, its last record may be short", () => {
  const record = "0a020000ffff0000000000000000";
  const assigned = reply(attribute(28_676, `${record}0a030000ffffff00`));
  expect(assigned.subnets).toEqual(["10.2.0.0/16", "10.3.0.0/24"]);
});

test("Cisco's local-LAN networks are kept out of the tunnel's networks", () => {
  const assigned = reply(attribute(28_678, "c0a80000ffff0000000000000000"));
  expect(assigned.excluded).toEqual(["192.168.0.0/16"]);
  expect(assigned.subnets).toEqual([]);
});

test("banner, default domain, split DNS and DDNS name are read as text", () => {
  const assigned = reply(
    text(28_672, "Welcome\0"),
    text(28_674, "corp.example.net"),
    text(28_675, "a.example.net,b.example.net"),
    text(28_682, "branch12"),
  );
  expect(assigned.banner).toBe("Welcome");
  expect(assigned.domains).toEqual(["corp.example.net", "a.example.net", "b.example.net"]);
  expect(assigned.ddnsHostname).toBe("branch12");
});

test("CFG_SET is acknowledged with the same attributes, once each and without values", () => {
  const attributes = [attribute(13, "0a010000ffff0000"), attribute(13, "0a020000ffff0000")];
  const ack = buildConfigAck({ type: "CP", cfgType: CFG_SET, attributes });
  expect(ack).toEqual({
    type: "CP",
    cfgType: CFG_ACK,
    attributes: [{ type: 13, value: new Uint8Array(0) }],
  });
});

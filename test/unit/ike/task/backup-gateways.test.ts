import fc from "fast-check";
import { expect, test } from "vitest";
import { type BackupGateways, readBackupGateways } from "#ike/task/backup-gateways.ts";
import { ipBytes, parseIpAddress } from "#lib/ip.ts";
import { fromHex } from "#test/vectors/from-hex.ts";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(...values: readonly (string | Uint8Array)[]): BackupGateways {
  const found: BackupGateways = { backupServers: [], unusableBackups: [] };
  for (const value of values) {
    readBackupGateways(found, typeof value === "string" ? bytesOf(value) : value);
  }
  return found;
}

test("an attribute for each gateway keeps the hub's order", () => {
  expect(read("203.0.113.2", "hub3.example.net", "2001:db8::4").backupServers).toEqual([
    "203.0.113.2",
    "hub3.example.net",
    "2001:db8::4",
  ]);
});

test("one attribute may list several, between commas, spaces, line ends or NULs", () => {
  expect(read("hub2, hub3\nhub4\r\nhub5\0hub6\0").backupServers).toEqual([
    "hub2",
    "hub3",
    "hub4",
    "hub5",
    "hub6",
  ]);
});

test("addresses in four bytes each are read, one or several an attribute", () => {
  const found = read(fromHex("cb007102"), fromHex("cb007103c0000204"));
  expect(found.backupServers).toEqual(["203.0.113.2", "203.0.113.3", "192.0.2.4"]);
});

test("the same gateway in another spelling counts once", () => {
  const found = read("Hub2.Example.NET", "hub2.example.net.", "2001:DB8:0::1", "2001:db8::1");
  expect(found.backupServers).toEqual(["hub2.example.net", "2001:db8::1"]);
});

test("an empty attribute names nobody", () => {
  expect(read("", "\0", " ")).toEqual({ backupServers: [], unusableBackups: [] });
});

const unusable: readonly (readonly [string, string | Uint8Array, string])[] = [
  ["an address with a number too large", "203.0.113.300", "203.0.113.300"],
  ["a name with a character that no host name has", "hub_2.example.net", "hub_2.example.net"],
  ["a label of more than 63 letters", `${"a".repeat(64)}.net`, "a".repeat(64)],
  ["a group's address", "224.0.0.5", "224.0.0.5"],
  ["the address of no host", "0.0.0.0", "0.0.0.0"],
  ["the loopback address", "::1", "::1"],
  ["bytes that are no number of addresses", fromHex("cb0071"), "bytes cb0071"],
];
for (const [what, value, shown] of unusable) {
  test(`${what} is left out and told`, () => {
    const found = read("hub2.example.net", value, "hub3.example.net");
    expect(found.backupServers).toEqual(["hub2.example.net", "hub3.example.net"]);
    expect(found.unusableBackups).toEqual([shown]);
  });
}

test("a hub that names hundreds has the first 32 taken", () => {
  const names = Array.from({ length: 500 }, (_, index) => `hub${index}.example.net`);
  expect(read(names.join(",")).backupServers).toEqual(names.slice(0, 32));
});

test("any bytes give gateways that are names or canonical addresses, and never an error", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 5 }), (values) => {
      const { backupServers, unusableBackups } = read(...values);
      for (const server of backupServers) {
        const address = parseIpAddress(server);
        expect(address ?? server).toBe(server);
        expect(server).toMatch(/^[a-z0-9.:-]{1,253}$/);
      }
      expect(backupServers.length).toBeLessThanOrEqual(32);
      expect(unusableBackups.every((text) => text.length <= 70)).toBe(true);
    }),
    { seed: 28_681, numRuns: 500 },
  );
});

test("an address is read from its text and from its bytes alike", () => {
  fc.assert(
    fc.property(fc.ipV4(), (text) => {
      const address = parseIpAddress(text);
      if (!address || /^(0|127|22[4-9]|2[3-5].)\./.test(address)) return;
      const value = ipBytes(address);
      // Four bytes that are all letters are a name: no hub can say which it meant.
      if (value.every((byte) => (byte >= 0x20 && byte < 0x7f) || [0, 9, 10, 13].includes(byte)))
        return;
      expect(read(value).backupServers).toEqual(read(text).backupServers);
    }),
    { seed: 28_681 },
  );
});

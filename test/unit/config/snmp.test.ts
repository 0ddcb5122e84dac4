import { expect, test } from "vitest";
import { check, load, pskFiles, withLines } from "./branch-files.ts";

const files = {
  ...pskFiles,
  "/etc/flexspoke/secrets/snmp": "c0mmunity\n",
  "/etc/flexspoke/secrets/auth": "auth-password\n",
};

const errors = (section: string) => check(withLines("end", section), { files }).errors;

test("without the section nobody is told by SNMP", () => {
  expect(load(withLines("end", "")).resolved.snmp).toBeUndefined();
});

test("a community and users are read from their files", () => {
  const { snmp } = load(
    withLines(
      "end",
      `snmp:
  community: { file: secrets/snmp }
  users: { nms: { auth: sha512, auth-password: { file: secrets/auth }, priv-password: another-one } }
  traps: [ "udp://10.0.0.5", "udp://nms.example.net:1162", "udp://[2001:db8::5]:162" ]`,
    ),
    { files },
  ).resolved;
  expect(new TextDecoder().decode(snmp?.community?.reveal())).toBe("c0mmunity");
  expect(snmp).toMatchObject({
    listen: { address: "127.0.0.1", port: 161 },
    users: [{ name: "nms", auth: "sha512", priv: { protocol: "aes" } }],
    traps: [
      { host: "10.0.0.5", port: 162 },
      { host: "nms.example.net", port: 1162 },
      { host: "2001:db8::5", port: 162 },
    ],
  });
});

test.each([
  ["snmp: {}", "snmp: nobody may ask (give a community for SNMPv2c, or users for SNMPv3)"],
  [
    "snmp: { community: c, listen: 127.0.0.1:161 }",
    "snmp.listen: not an address with port (udp://127.0.0.1:161)",
  ],
  ["snmp: { community: c, traps: [ tcp://10.0.0.5 ] }", "snmp.traps[0]: not a host with port"],
  [
    "snmp: { users: { a: { auth-password: short } } }",
    "snmp.users.a.auth-password: is too short (at least 8 characters)",
  ],
  [
    "snmp: { users: { a: { auth: md5, auth-password: long-enough } } }",
    "snmp.users.a.auth: not one of the known values",
  ],
  ["snmp: { users: { a: {} } }", "snmp.users.a.auth-password"],
])("%s is refused", (section, message) => {
  expect(errors(section).join("\n")).toContain(message);
});

test("a community on the LAN gives a warning, for it goes in clear", () => {
  const { warnings, errors: none } = check(
    withLines("end", `snmp: { community: c0mmunity, listen: "udp://192.168.12.1:161" }`),
    { files },
  );
  expect(none).toEqual([]);
  expect(warnings.join("\n")).toContain("a community goes through the network in clear");
});

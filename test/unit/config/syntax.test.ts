import fc from "fast-check";
import { expect, test } from "vitest";
import {
  algorithmName,
  encryptionName,
  encryptionNames,
  integrityNames,
  keyExchangeNames,
  prfNames,
} from "#config/algorithms.ts";
import { formatConfigError, formatPath } from "#config/config-error.ts";
import { parseDuration } from "#config/duration-syntax.ts";
import { pathFrom } from "#config/file-access.ts";
import { parseIdentity, parseIdentityPattern } from "#config/identity-syntax.ts";
import { parseListenEndpoint } from "#config/listen-syntax.ts";
import { formatSize, parsePercent, parseSize } from "#config/size-syntax.ts";
import { suggest } from "#config/suggestion.ts";
import { tunnelNumbers } from "#config/tunnel-number.ts";
import { type Duration, formatDuration } from "#lib/duration.ts";

const anyCodeUnit = fc.nat(0xffff).map((unit) => String.fromCharCode(unit));

test.each([
  ["500ms", 500],
  ["10s", 10_000],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["2d", 172_800_000],
  ["1h30m", 5_400_000],
  ["1.5s", 1500],
  ["0s", 0],
])("the duration %s is %d milliseconds", (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});

test.each(["", "5", "5 s", "s", "-5s", "5S", "1e3s", "5s ", ".5s", `${"9".repeat(30)}h`, "5min"])(
  "%j is no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test("what formatDuration writes of whole seconds is read back, to two units", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 59 * 60 }), (seconds) => {
      const duration = (seconds * 1000) as Duration;
      expect(parseDuration(formatDuration(duration))).toBe(duration);
    }),
  );
});

test.each([
  ["64KiB", 65_536],
  ["4500MiB", 4_718_592_000],
  ["1.5GiB", 1_610_612_736],
  ["10B", 10],
])("the size %s is %d bytes", (text, expected) => {
  expect(parseSize(text)).toBe(expected);
});

test.each(["", "64", "64KB", "64 KiB", "-1KiB", "64kib", "9999999TiB"])("%j is no size", (text) => {
  expect(parseSize(text)).toBeUndefined();
});

test("what formatSize writes is read back", () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (bytes) => {
      expect(parseSize(formatSize(bytes))).toBe(bytes);
    }),
  );
});

test.each([
  ["0%", 0],
  ["10%", 0.1],
  ["12.5%", 0.125],
  ["100%", 1],
  ["101%", undefined],
  ["10", undefined],
  ["-1%", undefined],
])("the percentage %s is %s", (text, expected) => {
  expect(parsePercent(text)).toBe(expected);
});

test.each([
  ["127.0.0.1:8080", { address: "127.0.0.1", port: 8080 }],
  ["127.8.9.1:1", { address: "127.8.9.1", port: 1 }],
  ["[::1]:65535", { address: "::1", port: 65_535 }],
  ["127.0.0.1:0", undefined],
  ["127.0.0.1:65536", undefined],
  ["127.0.0.1", undefined],
  ["::1:80", undefined],
  ["localhost:80", undefined],
  ["192.0.2.1:80", { address: "192.0.2.1", port: 80 }],
  ["[::]:80", { address: "::", port: 80 }],
  ["192.0.2.01:80", undefined],
])("the listener %s is %o", (text, expected) => {
  expect(parseListenEndpoint(text)).toEqual(expected);
});

test.each([
  ["fqdn:branch12.example.net", { kind: "fqdn", value: "branch12.example.net" }],
  ["email:it@example.net", { kind: "email", value: "it@example.net" }],
  ["ipv4:192.0.2.1", { kind: "ipv4", value: "192.0.2.1" }],
  ["ipv6:2001:DB8::0:1", { kind: "ipv6", value: "2001:db8::1" }],
  ["key-id:branch", { kind: "key-id", bytes: new TextEncoder().encode("branch") }],
  ["key-id:0xdeadBEEF", { kind: "key-id", bytes: Uint8Array.of(0xde, 0xad, 0xbe, 0xef) }],
  // SEQUENCE { SET { SEQUENCE { OID 2.5.4.3, PrintableString "b" } } }
  [
    "dn:CN=b",
    {
      kind: "dn",
      text: "CN=b",
      der: new Uint8Array(Buffer.from("300c310a3008060355040313 0162".replace(" ", ""), "hex")),
    },
  ],
])("the identity %s is understood", (text, expected) => {
  expect(parseIdentity(text)).toEqual(expected);
});

test.each([
  "",
  "branch12",
  "fqdn:",
  "fqdn:*.example.net",
  "fqdn:a b",
  "email:example.net",
  "email:@example.net",
  "ipv4:192.0.2.256",
  "ipv4:2001:db8::1",
  "ipv6:192.0.2.1",
  "key-id:",
  "key-id:0x123",
  "key-id:0x",
  "dn:",
  "dn:CN",
  "dn:NOPE=1",
  "any",
])("%j is no identity of one's own", (text) => {
  expect(parseIdentity(text)).toBeTypeOf("string");
});

test.each(["fqdn:a*b", "email:*", "ipv4:*", "dn:*", "*", "key-id:", "any:x"])(
  "the pattern %j is %s",
  (text) => {
    const isPattern = text === "email:*";
    expect(typeof parseIdentityPattern(text)).toBe(isPattern ? "object" : "string");
  },
);

test("any text is an identity or a sentence that says why not", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: anyCodeUnit }),
      fc.constantFrom("", "fqdn:", "dn:", "dn:CN=", "email:", "key-id:0x"),
      (text, kind) => {
        for (const parsed of [parseIdentity(kind + text), parseIdentityPattern(kind + text)])
          expect(["string", "object"]).toContain(typeof parsed);
      },
    ),
  );
});

test("every algorithm is found again by its number", () => {
  for (const [name, choice] of encryptionNames) expect(encryptionName(choice)).toBe(name);
  for (const table of [integrityNames, prfNames, keyExchangeNames])
    for (const [name, id] of table) expect(algorithmName(table, id)).toBe(name);
  expect(encryptionName({ id: 3 })).toBeUndefined();
  expect(algorithmName(prfNames, 1)).toBeUndefined();
});

test.each([
  ["adress", "address"],
  ["keyExchange", "key-exchange"],
  ["profil", "profile"],
  ["peesr", "peers"],
  ["zzzzzz", undefined],
  ["address", undefined],
])("%s is taken for %s", (word, expected) => {
  const known = ["address", "key-exchange", "profile", "peers"];
  expect(suggest(word, word === "address" ? ["peers"] : known)).toBe(expected);
});

test("a tunnel's number is that of its name, and does not depend on the other tunnels", () => {
  expect(tunnelNumbers(["Tunnel0", "Tunnel7"])).toEqual(
    new Map([
      ["Tunnel0", 1],
      ["Tunnel7", 8],
    ]),
  );
  const alone = tunnelNumbers(["uplink"]).get("uplink");
  expect(alone).toBeGreaterThanOrEqual(4096);
  expect(tunnelNumbers(["Tunnel0", "a", "uplink", "z"]).get("uplink")).toBe(alone);
});

test("tunnel numbers are unique and from 1 to 65535", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.stringMatching(/^[Tt]unnel\d{0,5}$|^[a-z]{1,3}$/)), (names) => {
      const numbers = [...tunnelNumbers(names).values()];
      expect(new Set(numbers).size).toBe(names.length);
      expect(numbers.every((number) => number >= 1 && number <= 0xffff)).toBe(true);
    }),
  );
});

test("paths of a configuration start at its folder", () => {
  expect(pathFrom("/etc/flexspoke/config.yaml", "secrets/a")).toBe("/etc/flexspoke/secrets/a");
  expect(pathFrom("/etc/flexspoke/config.yaml", "./a")).toBe("/etc/flexspoke/a");
  expect(pathFrom("/etc/flexspoke/config.yaml", "/a")).toBe("/a");
  expect(pathFrom("config.yaml", "secrets/a")).toBe("secrets/a");
});

test("a fault prints as FILE:LINE:COL, its path and what is wrong", () => {
  const fault = {
    file: "a.yaml",
    line: 3,
    column: 7,
    path: ["clients", "h q", "peers", 0, "fqdn"],
    message: "m",
  };
  expect(formatConfigError({ ...fault, severity: "error" })).toBe(
    'a.yaml:3:7: clients."h q".peers[0].fqdn: m',
  );
  expect(formatConfigError({ ...fault, path: [], severity: "warning" })).toBe(
    "a.yaml:3:7: warning: m",
  );
  expect(formatPath([0, "a.b"])).toBe('[0]."a.b"');
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { equalDn, formatDn, formatIdentity, parseDn, readDn } from "#pki/dn.ts";
import { fromHex } from "#test/vectors/from-hex.ts";

function der(text: string): Uint8Array {
  const name = parseDn(text);
  if (!name.ok) throw new Error(name.error);
  return name.value;
}

test("a name is written most specific first and encoded the other way round", () => {
  // What `openssl req -subj "/C=NL/O=Example/CN=hub"` encodes, with PrintableString throughout.
  expect(der("CN=hub,O=Example,C=NL")).toEqual(
    fromHex(
      "302d310b3009060355040613024e4c3110300e060355040a13074578616d706c65310c300a06035504031303687562",
    ),
  );
});

test.each([
  "CN=hub.example.net,O=Example",
  "serialNumber=12+CN=Lučić\\, Ana,OU=A \\+ B,O=Example",
  "E=admin@example.net,CN=hub,DC=example,DC=net",
  "unstructuredName=router.example.net,CN=router",
  "CN=\\#1,O=\\ leading and trailing\\ ",
  "1.2.3.4.5=#0401ff,CN=a",
  "CN=,O=empty value before",
  'CN=quote \\" back \\\\ slash,O=x',
])("%s is read and printed as it was", (text) => {
  expect(formatDn(der(text))).toBe(text);
});

test.each([
  ["cn = hub , o = Example ", "CN=hub,O=Example"],
  ['CN="Example, Inc.",C=US', "CN=Example\\, Inc.,C=US"],
  ["emailAddress=a@b.c;CN=x", "E=a@b.c,CN=x"],
  ["CN=Lu\\C4\\8Di\\C4\\87", "CN=Lučić"],
  ["CN=😀", "CN=😀"],
  ["2.5.4.3=dotted", "CN=dotted"],
])("%s means %s", (text, canonical) => {
  expect(formatDn(der(text))).toBe(canonical);
});

test.each([
  "",
  " ",
  "CN",
  "CN=a,",
  "=a",
  "CN=a,,O=b",
  'CN="open',
  "CN=a\\",
  "XY=a",
  "/C=NL/CN=hub",
])("%j is no name, and the operator is told why", (text) => {
  const result = parseDn(text);
  expect(result.ok ? "accepted" : result.error).toMatch(/\w+/);
  expect(result.ok).toBe(false);
});

test("names are equal without regard to case, spaces and string type, not without regard to order", () => {
  expect(equalDn(der("CN=Hub,O=Example  Ltd"), der("cn=hub,o=example ltd"))).toBe(true);
  const utf8 = Uint8Array.from(der("CN=hub"));
  utf8[utf8.indexOf(0x13)] = 0x0c;
  expect(equalDn(utf8, der("CN=hub"))).toBe(true);
  expect(equalDn(der("CN=hub,O=Example"), der("O=Example,CN=hub"))).toBe(false);
  expect(equalDn(der("CN=hub"), der("CN=hub,O=Example"))).toBe(false);
  expect(equalDn(Uint8Array.of(1), Uint8Array.of(1))).toBe(false);
});

test("any text of values survives the way to DER and back", () => {
  const value = fc
    .string({ unit: "grapheme", maxLength: 20 })
    .map((text) => text.replaceAll(/[\p{C}]/gu, ""));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 4 }), (values) => {
      const escaped = values
        .map((one) => `CN=${one.replaceAll(/[",+;<>\\# ]/g, "\\$&")}`)
        .join(",");
      const name = readDn(der(escaped));
      expect(name?.flat().map((one) => one.value)).toEqual([...values].reverse());
      expect(formatDn(der(formatDn(der(escaped))))).toBe(formatDn(der(escaped)));
    }),
    { seed: 5, numRuns: 300 },
  );
});

test("bytes that are no name never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      expect(typeof formatDn(bytes)).toBe("string");
    }),
    { seed: 6, numRuns: 500 },
  );
});

test("control characters of a peer's name do not reach a terminal", () => {
  const evil = der("CN=a\\1b[2J");
  expect(formatDn(evil)).toBe("CN=a?[2J");
  expect(formatIdentity({ kind: "fqdn", value: "hub\u001b[31m\r\n" })).toBe("hub?[31m??");
});

test.each([
  [{ kind: "fqdn", value: "hub.example.net" } as const, "hub.example.net"],
  [{ kind: "ipv4", value: "192.0.2.1" } as const, "192.0.2.1"],
  [{ kind: "key-id", bytes: new TextEncoder().encode("branch12") } as const, "branch12"],
  [{ kind: "key-id", bytes: Uint8Array.of(0, 1, 255) } as const, "0x0001ff"],
  [{ kind: "dn", der: der("CN=hub"), text: "CN=hub" } as const, "CN=hub"],
])("identity %j prints as %s", (identity, text) => {
  expect(formatIdentity(identity)).toBe(text);
});

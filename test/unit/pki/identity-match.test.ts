import { expect, test } from "vitest";
import type { Identity, IdentityPattern } from "#ike/connection.ts";
import { readCertificate } from "#pki/certificate.ts";
import { parseDn } from "#pki/dn.ts";
import {
  checkIdentityInCertificate,
  matchesAnyIdentity,
  matchesIdentity,
} from "#pki/identity-match.ts";
import { makePki } from "#test/support/pki.ts";

const fqdn = (value: string): Identity => ({ kind: "fqdn", value });
const email = (value: string): Identity => ({ kind: "email", value });
function dn(text: string): Identity & { kind: "dn" } {
  const name = parseDn(text);
  if (!name.ok) throw new Error(name.error);
  return { kind: "dn", der: name.value, text };
}
const fqdnPattern = (pattern: string): IdentityPattern => ({ kind: "fqdn", pattern });
const dnPattern = (...attributes: [string, string][]): IdentityPattern => ({
  kind: "dn",
  attributes: attributes.map(([type, pattern]) => ({ type, pattern })),
});

test.each<[string, IdentityPattern, Identity, boolean]>([
  ["the same name", fqdnPattern("hub.example.net"), fqdn("hub.example.net"), true],
  ["another case", fqdnPattern("HUB.example.net"), fqdn("hub.EXAMPLE.net"), true],
  ["a host below a starred domain", fqdnPattern("*.example.net"), fqdn("hub1.Example.net"), true],
  ["a host two levels below", fqdnPattern("*.example.net"), fqdn("a.b.example.net"), true],
  ["the starred domain itself", fqdnPattern("*.example.net"), fqdn("example.net"), false],
  ["a look-alike domain", fqdnPattern("*.example.net"), fqdn("hub.badexample.net"), false],
  ["a star alone", fqdnPattern("*"), fqdn("anything"), true],
  ["a star that is not leading", fqdnPattern("hub*.example.net"), fqdn("hub1.example.net"), false],
  ["a mail address for a name", fqdnPattern("*"), email("a@example.net"), false],
  [
    "any mail of a domain",
    { kind: "email", pattern: "*@example.net" },
    email("A@EXAMPLE.NET"),
    true,
  ],
  [
    "an address",
    { kind: "ipv4", pattern: "192.0.2.1" },
    { kind: "ipv4", value: "192.0.2.1" },
    true,
  ],
  [
    "another address",
    { kind: "ipv4", pattern: "192.0.2.1" },
    { kind: "ipv4", value: "192.0.2.11" },
    false,
  ],
  [
    "an IPv6 address",
    { kind: "ipv6", pattern: "2001:db8::1" },
    { kind: "ipv6", value: "2001:db8::1" },
    true,
  ],
  ["anything", { kind: "any" }, { kind: "key-id", bytes: new Uint8Array(1) }, true],
  [
    "a key ID",
    { kind: "key-id", bytes: Uint8Array.of(1, 2) },
    { kind: "key-id", bytes: Uint8Array.of(1, 2) },
    true,
  ],
  [
    "a longer key ID",
    { kind: "key-id", bytes: Uint8Array.of(1, 2) },
    { kind: "key-id", bytes: Uint8Array.of(1, 2, 3) },
    false,
  ],
  ["any CN of an O", dnPattern(["CN", "*"], ["O", "Example"]), dn("CN=hub,O=example"), true],
  [
    "in any order, with more",
    dnPattern(["O", "Example"], ["cn", "HUB"]),
    dn("CN=hub,OU=x,O=Example"),
    true,
  ],
  ["a CN that is missing", dnPattern(["CN", "*"], ["O", "Example"]), dn("O=Example"), false],
  ["another O", dnPattern(["CN", "*"], ["O", "Example"]), dn("CN=hub,O=Other"), false],
  ["a value that begins alike", dnPattern(["O", "Example"]), dn("CN=hub,O=Example2"), false],
  ["an attribute by number", dnPattern(["2.5.4.10", "Example"]), dn("CN=hub,O=Example"), true],
  ["an O hidden in another value", dnPattern(["O", "Example"]), dn("CN=x\\,O=Example"), false],
  ["a name pattern for a DN", dnPattern(["CN", "*"]), fqdn("CN=hub"), false],
])("a pattern and %s", (_, pattern, identity, expected) => {
  expect(matchesIdentity(pattern, identity)).toBe(expected);
});

test("an unreadable DN matches no pattern but any", () => {
  const broken: Identity = { kind: "dn", der: Uint8Array.of(0x30, 5), text: "?" };
  expect(matchesIdentity(dnPattern(["CN", "*"]), broken)).toBe(false);
  expect(matchesIdentity({ kind: "any" }, broken)).toBe(true);
});

test("one pattern of several is enough", () => {
  const patterns = [fqdnPattern("a.example.net"), dnPattern(["CN", "*"])];
  expect(matchesAnyIdentity(patterns, dn("CN=hub"))).toBe(true);
  expect(matchesAnyIdentity(patterns, fqdn("b.example.net"))).toBe(false);
  expect(matchesAnyIdentity([], fqdn("b.example.net"))).toBe(false);
});

const hub = readCertificate(makePki({ hubAddresses: ["192.0.2.1", "2001:db8::1"] }).hub.der);
if (!hub) throw new Error("no certificate");

test.each<[Identity, boolean]>([
  [fqdn("hub.example.net"), true],
  [fqdn("HUB.EXAMPLE.NET"), true],
  [fqdn("example.net"), false],
  [fqdn("other.example.net"), false],
  [email("admin@hub.example.net"), true],
  [email("hub.example.net"), false],
  [{ kind: "ipv4", value: "192.0.2.1" }, true],
  [{ kind: "ipv4", value: "192.0.2.2" }, false],
  [{ kind: "ipv6", value: "2001:db8::1" }, true],
  [dn("CN=hub.example.net,O=Example"), true],
  [dn("CN=hub.example.net"), false],
  [{ kind: "key-id", bytes: hub.subjectKeyId ?? new Uint8Array(0) }, true],
  [{ kind: "key-id", bytes: new TextEncoder().encode("hub") }, false],
])("identity %j is in the certificate: %s", (identity, expected) => {
  expect(checkIdentityInCertificate(identity, hub) === undefined).toBe(expected);
});

test("the common name is no DNS name", () => {
  const bare = readCertificate(makePki().root.issue({ subject: "CN=hub.example.net" }).der);
  if (!bare) throw new Error("no certificate");
  expect(checkIdentityInCertificate(fqdn("hub.example.net"), bare)?.code).toBe(
    "pki.identity-not-in-certificate",
  );
});

test("the fault names what the peer claimed and what its certificate holds", () => {
  expect(checkIdentityInCertificate(fqdn("evil.example.net"), hub)?.message).toBe(
    'the peer calls itself evil.example.net, its certificate holds subject "CN=hub.example.net,O=Example", hub.example.net, admin@hub.example.net, 192.0.2.1, 2001:db8::1',
  );
});

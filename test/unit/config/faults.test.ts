import { expect, test } from "vitest";
import { check, plantedSecret, pskFiles, shortConfig, withLines } from "./branch-files.ts";

/** `shortConfig` with `proposal` as its default proposal, on line 3. */
const withProposal = (proposal: string): string =>
  shortConfig.replace("ikev2:\n", `ikev2:\n  proposals:\n    default: ${proposal}\n`);

test.each([
  // Keys
  [
    "hostnam: x",
    "1:1: hostnam: unknown key (did you mean hostname? known here: hostname, pki, ikev2, ipsec, tunnels, track, sla, clients, dialers, snmp, change-guard, mqtt, syslog, web, prometheus, system)",
  ],
  [
    "clients: { hq: { peers: [ { adress: 1.2.3.4 } ] } }",
    "1:29: clients.hq.peers[0].adress: unknown key (did you mean address? known here: seq, fqdn, address, family, track, state)",
  ],
  [
    "web: { listen: [], zzz: 1 }",
    "1:20: web.zzz: unknown key (known here: listen, names, tls, users)",
  ],
  ["web: { listen: [], listen: [] }", "1:20: web.listen: is here twice (each key once)"],
  ["web: [ 1 ]", "1:6: web: wrong kind of value (a map of keys)"],
  ["7", "1:1: wrong kind of value (a map of keys)"],
  ["- a", "1:1: wrong kind of value (a map of keys)"],
  ["clients: { '': {} }", "1:12: clients: not usable as a key (a name)"],
  ["clients: { ? [a] : {} }", "1:14: clients: not usable as a key (a name)"],
  ["__proto__: {}", "1:1: not usable as a key (a name)"],
  [
    "clients: { toString: { peers: [ { fqdn: a } ] } }",
    "1:12: clients.toString: not usable as a name (letters, digits, - . _, at most 64, a letter or digit first)",
  ],
  [
    "tunnels: { a-name-that-is-too-long: {} }",
    "1:12: tunnels.a-name-that-is-too-long: not an interface name (at most 15 characters, no blank, slash or colon)",
  ],
  // Values
  ["hostname: 7", "1:11: hostname: wrong kind of value (a DNS name)"],
  ["hostname: -x", "1:11: hostname: not a DNS name (letters, digits, hyphens and dots)"],
  [
    "web: { listen: [ 8080 ] }",
    "1:18: web.listen[0]: wrong kind of value (an address with port such as 192.168.12.1:8080)",
  ],
  [
    "web: { listen: [ router:80 ] }",
    "1:18: web.listen[0]: not an address with port (192.168.12.1:8080, [fd00::1]:8080 or 127.0.0.1:8080)",
  ],
  ["web: { tls: on }", "1:13: web.tls: wrong kind of value (off, or false, or a map of keys)"],
  ["web: { tls: {} }", "1:8: web.tls: says nothing (self-signed: true, or certificate and key)"],
  [
    "web: { tls: { certificate: web.pem } }",
    "1:8: web.tls: certificate and key go together (give both, or neither)",
  ],
  [
    "web: { users: { admin: { password-hash: hunter2 } } }",
    "1:41: web.users.admin.password-hash: not a password hash of this program (`flexspoke passwd` makes one)",
  ],
  [
    "tunnels: { t: { mtu: 100 } }",
    "1:22: tunnels.t.mtu: wrong kind of value (a whole number from 576 to 9216)",
  ],
  [
    "tunnels: { t: { mtu: 1400.5 } }",
    "1:22: tunnels.t.mtu: wrong kind of value (auto, or a whole number from 576 to 9216)",
  ],
  [
    "tunnels: { t: { mtu: big } }",
    "1:22: tunnels.t.mtu: wrong kind of value (auto, or a whole number from 576 to 9216)",
  ],
  [
    "tunnels: { t: { tcp-mss: 20 } }",
    "1:26: tunnels.t.tcp-mss: wrong kind of value (a whole number from 216 to 9176)",
  ],
  [
    "tunnels: { t: { address: 10.0.0.1 } }",
    "1:26: tunnels.t.address: not an address with prefix length (negotiated, or for example 10.250.1.7/32)",
  ],
  [
    "tunnels: { t: { mode: tunnel } }",
    "1:23: tunnels.t.mode: not one of the known values (one of ipsec)",
  ],
  [
    "ipsec: { profiles: { p: { lifetime: { bytes: 1KiB } } } }",
    "1:46: ipsec.profiles.p.lifetime.bytes: too small (at least 64KiB)",
  ],
  [
    "ipsec: { profiles: { p: { lifetime: { bytes: 100 } } } }",
    "1:46: ipsec.profiles.p.lifetime.bytes: wrong kind of value (off, or a size such as 64KiB, 4500MiB or 10GiB, at least 64KiB)",
  ],
  [
    "ipsec: { profiles: { p: { lifetime: { time: 5 } } } }",
    "1:45: ipsec.profiles.p.lifetime.time: wrong kind of value (a duration such as 500ms, 10s, 5m or 1h, from 2s to 720h)",
  ],
  [
    "ipsec: { profiles: { p: { lifetime: { time: 5 min } } } }",
    "1:45: ipsec.profiles.p.lifetime.time: not a duration (500ms, 10s, 5m, 1h; 2s to 720h)",
  ],
  [
    "ipsec: { profiles: { p: { lifetime: { time: 1s } } } }",
    "1:45: ipsec.profiles.p.lifetime.time: out of range (2s to 720h)",
  ],
  [
    "ipsec: { profiles: { p: { pfs: [ mod2048 ] } } }",
    "1:34: ipsec.profiles.p.pfs[0]: not one of the known values (did you mean modp2048? one of x25519, ecp256, ecp384, ecp521, x448, modp2048, modp3072, modp4096)",
  ],
  [
    "ipsec: { profiles: { p: { encryption: [] } } }",
    "1:39: ipsec.profiles.p.encryption: the list is empty (at least 1)",
  ],
  [
    "ikev2: { profiles: { p: { retransmit: { jitter: 10 } } } }",
    "1:49: ikev2.profiles.p.retransmit.jitter: wrong kind of value (a percentage such as 10%)",
  ],
  [
    "ikev2: { profiles: { p: { retransmit: { factor: 0.5 } } } }",
    "1:49: ikev2.profiles.p.retransmit.factor: wrong kind of value (a number from 1 to 5)",
  ],
  [
    "ikev2: { profiles: { p: { fragmentation: true } } }",
    "1:42: ikev2.profiles.p.fragmentation: wrong kind of value (false, or a map of keys)",
  ],
  [
    "ikev2: { profiles: { p: { fragmentation: { mtu: 20 } } } }",
    "1:49: ikev2.profiles.p.fragmentation.mtu: wrong kind of value (a whole number from 576 to 9000)",
  ],
  [
    "ikev2: { profiles: { p: { config-exchange: { request: [ ipv5 ] } } } }",
    "1:57: ikev2.profiles.p.config-exchange.request[0]: not one of the known values (did you mean ipv4? one of ipv4, ipv6)",
  ],
  ["clients: { c: { peers: [] } }", "1:24: clients.c.peers: the list is empty (at least 1)"],
  ["clients: { c: {} }", "1:12: clients.c.peers: is required (a list, [ one, another ])"],
  [
    "clients: { c: { peers: [ { seq: 1 } ] } }",
    "1:26: clients.c.peers[0]: not a peer (exactly one of fqdn and address)",
  ],
  [
    "clients: { c: { peers: [ { address: 1.2.3.4, family: ipv4 } ] } }",
    "1:26: clients.c.peers[0]: family without fqdn (an address has its own family)",
  ],
  [
    "clients: { c: { peers: [ { address: 1.2.3.400 } ] } }",
    "1:37: clients.c.peers[0].address: not an IPv4 or IPv6 address (for example 203.0.113.1 or 2001:db8::1)",
  ],
  [
    "clients: { c: { peers: [ { seq: 0, fqdn: a } ] } }",
    "1:33: clients.c.peers[0].seq: wrong kind of value (a whole number from 1 to 1000)",
  ],
  [
    "clients: { c: { peers: [ { fqdn: a } ], source: [ {} ] } }",
    "1:51: clients.c.source[0].interface: is required (the name of a network interface, at most 15 characters)",
  ],
  [
    "clients: { c: { peers: [ { fqdn: a } ], nat: yes } }",
    "1:46: clients.c.nat: not one of the known values (one of negotiated, off)",
  ],
  [
    "clients: { c: { peers: [ { fqdn: a } ], routes: { distance: 256 } } }",
    "1:61: clients.c.routes.distance: wrong kind of value (a whole number from 1 to 255)",
  ],
])("%s", (text, expected) => {
  expect(check(text).errors).toEqual([expected]);
});

test.each([
  // References
  [
    withLines("client", "profile: hub"),
    "10:14: clients.hq.profile: no ikev2 profile has this name (hq)",
  ],
  [
    withLines("client", "tunnel: Tunnel9"),
    "10:13: clients.hq.tunnel: no tunnel has this name (Tunnel0)",
  ],
  [
    withLines("profile", "proposals: [ strong ]"),
    "6:20: ikev2.profiles.hq.proposals[0]: no ikev2 proposal has this name (default)",
  ],
  [
    withLines("end", "tunnels: { t: { ipsec-profile: fast } }"),
    "10:32: tunnels.t.ipsec-profile: no ipsec profile has this name (default)",
  ],
  [
    shortConfig
      .replace("  hq:\n    peers", "  hub:\n    peers")
      .replace("clients:", "    b: { local: { psk: x } }\nclients:"),
    "8:3: clients.hub.profile: is required: there is more than one ikev2 profile (hq, b)",
  ],
  [
    shortConfig.slice(shortConfig.indexOf("clients:")),
    "2:3: clients.hq.profile: is required, and there is no ikev2 profile yet (add one)",
  ],
  [
    shortConfig.replace(
      "authentication: psk, psk: { file: secrets/hq.psk } }\n",
      "authentication: certificate }\n",
    ),
    "4:7: ikev2.profiles.hq.local.trustpoint: is required (add one under pki.trustpoints)",
  ],
  [
    shortConfig.replace(
      "authentication: psk, psk: { file: secrets/hq.psk } }\n",
      "trustpoint: corp }\n",
    ),
    "4:66: ikev2.profiles.hq.local.trustpoint: no trustpoint has this name (none is under pki.trustpoints)",
  ],
  [
    shortConfig.replace("authentication: psk, psk: { file: secrets/hq.psk } }\n", "}\n"),
    "4:7: ikev2.profiles.hq.local.authentication: is required (psk, with psk: { file: PATH }; or certificate, with trustpoint: NAME)",
  ],
  [
    shortConfig.replace(", psk: { file: secrets/hq.psk } }\n", " }\n"),
    "4:7: ikev2.profiles.hq.local.psk: is required with authentication: psk ({ file: PATH })",
  ],
  // Algorithms
  [
    withProposal("{ encryption: [aes-gcm-256, chacha20-poly1305], integrity: [sha256] }"),
    "3:73: ikev2.proposals.default.integrity: aes-gcm-256, chacha20-poly1305 authenticate by themselves (leave integrity out, or add an aes-cbc cipher)",
  ],
  [
    withProposal("{ encryption: [aes256gcm] }").slice(0, -1),
    /^3:29: ikev2\.proposals\.default\.encryption\[0\]: not one of the known values \(did you mean aes-gcm-256\? one of aes-gcm-256, /,
  ],
  [
    withProposal("{ prf: sha256 }"),
    "3:21: ikev2.proposals.default.prf: wrong kind of value (a list, [ one, another ])",
  ],
  // Numbers and names that must differ
  [
    shortConfig.replace("{ fqdn: hub1.example.net }, {", "{ seq: 10, fqdn: a }, { seq: 10,"),
    "8:43: clients.hq.peers[1].seq: seq 10 is taken (each seq once)",
  ],
  [
    withLines("client", "source: [ { seq: 5, interface: a }, { seq: 5, interface: b } ]"),
    "10:48: clients.hq.source[1].seq: seq 5 is taken (each seq once)",
  ],
  [
    `${shortConfig}  HQ: { profile: hq, peers: [ { fqdn: a } ] }\n`,
    "10:3: clients.HQ: differs from hq by case only (choose another name)",
  ],
  [
    `${shortConfig}  b: { profile: hq, tunnel: Tunnel0, peers: [ { fqdn: a } ] }\n`,
    "10:29: clients.b.tunnel: tunnel Tunnel0 belongs to client hq already (one client a tunnel)",
  ],
  [
    withLines("client", "source: [ { interface: br-lan } ]"),
    "9:15: clients.hq.inside[0]: br-lan is a source of this client too (inside or source, not both)",
  ],
  [
    shortConfig.replace("[ br-lan ]", "[ br-lan, br-lan ]"),
    "9:23: clients.hq.inside[1]: br-lan is in the list already (each interface once)",
  ],
  [
    shortConfig.replace("[ br-lan ]", "[ Tunnel0 ]"),
    "9:15: clients.hq.inside[0]: Tunnel0 is a tunnel (an inside interface faces the LAN)",
  ],
  [
    withLines("client", "source: [ { interface: Tunnel0 } ]"),
    "10:28: clients.hq.source[0].interface: Tunnel0 is a tunnel (a source faces the underlay)",
  ],
  // Identities
  [
    shortConfig.replace("fqdn:branch12.example.net", "branch12"),
    /^4:27: ikev2\.profiles\.hq\.local\.identity: not an identity \(fqdn:NAME, /,
  ],
  [
    shortConfig.replace("fqdn:branch12.example.net", "ipv4:2001:db8::1"),
    "4:27: ikev2.profiles.hq.local.identity: not an address of this kind (ipv4:203.0.113.1)",
  ],
  [
    shortConfig.replace("fqdn:hub.example.net", "'dn:CN'"),
    "5:27: ikev2.profiles.hq.remote.identity: not a distinguished name (attributes such as dn:CN=*,O=Example)",
  ],
  [
    shortConfig.replace("fqdn:hub.example.net", "[]"),
    "5:27: ikev2.profiles.hq.remote.identity: the list is empty (at least 1)",
  ],
  [
    shortConfig.replace("fqdn:hub.example.net", "[ any, 7 ]"),
    /^5:34: ikev2\.profiles\.hq\.remote\.identity\[1\]: wrong kind of value \(an identity: any, /,
  ],
] as const)("faulty meaning %#", (text, expected) => {
  const { errors } = check(text);
  expect(errors).toHaveLength(1);
  if (typeof expected === "string") expect(errors[0]).toBe(expected);
  else expect(errors[0]).toMatch(expected);
});

test.each([
  [
    "a: [1",
    "1:6: YAML: indentation does not fit the lines around it (two spaces a level; a bracket may be open)",
  ],
  [
    "a: 'x",
    "1:6: YAML: a character is missing (a closing quote or bracket, a comma, the space after a colon)",
  ],
  ["a:\n\tb: 1", /^2:\d: YAML: a tab as indentation \(use spaces\)$/],
  ["a: b: c", /^1:\d: YAML: two keys on one line/],
  [
    "a: *hunter2",
    "1:4: YAML: alias (*name) without an anchor (&name) before it (quote text that starts with *)",
  ],
  ["a: !hunter2 x", "1:4: YAML: unknown tag (quote text that starts with !)"],
  ["a: @hunter2", /^1:4: YAML: text can't start with this character \(quote it\)$/],
  ["a: 1\n---\nb: 2", /^2:1: YAML: more than one document in the file/],
  ["%hunter2\na: 1", /YAML: directive that is not understood/],
])("a fault of the YAML syntax, %j, is shown where it stands", (text, expected) => {
  const [first] = check(text).errors;
  if (typeof expected === "string") expect(first).toBe(expected);
  else expect(first).toMatch(expected);
  expect(first).not.toContain("hunter2");
});

test("faults come in the order of the file, all of them at once", () => {
  const text = withLines("end", "web: { listen: 7 }\nsystem: { wan: 3 }").replace(
    "inside: [ br-lan ]",
    "inside: 5",
  );
  expect(check(text).errors.map((line) => line.split(": ")[1])).toEqual([
    "clients.hq.inside",
    "web.listen",
    "system.wan",
  ]);
});

test.each([
  [
    { ...pskFiles, "/etc/flexspoke/secrets/hq.psk": "" },
    "4:80: ikev2.profiles.hq.local.psk: the secret is empty (put it there)",
  ],
  [
    { ...pskFiles, "/etc/flexspoke/secrets/hq.psk": "\n" },
    "4:80: ikev2.profiles.hq.local.psk: the secret is empty (put it there)",
  ],
  [
    {},
    "4:88: ikev2.profiles.hq.local.psk.file: file /etc/flexspoke/secrets/hq.psk does not exist (put the secret into it, mode 0600, or correct the path)",
  ],
  [
    { "/etc/flexspoke/secrets/hq.psk": { text: "x", mode: 0o640 } },
    "4:88: ikev2.profiles.hq.local.psk.file: file /etc/flexspoke/secrets/hq.psk is open to others, mode 0640 (chmod 600 /etc/flexspoke/secrets/hq.psk)",
  ],
  [
    { "/etc/flexspoke/secrets/hq.psk": { text: "x", owner: "other" as const } },
    "4:88: ikev2.profiles.hq.local.psk.file: file /etc/flexspoke/secrets/hq.psk belongs to another user (chown root /etc/flexspoke/secrets/hq.psk)",
  ],
])("a secret file that won't do is an error with its remedy: %#", (files, expected) => {
  expect(check(shortConfig, { files }).errors[0]).toContain(expected);
});

test("a secret in a file of root's is taken by another user's process", () => {
  const files = {
    ...pskFiles,
    "/etc/flexspoke/secrets/hq.psk": { text: "x", owner: "root" as const },
  };
  expect(check(shortConfig, { files }).errors).toEqual([]);
});

test("a variable that is not set is named", () => {
  const text = shortConfig.replace("{ file: secrets/hq.psk }", "{ env: HQ_PSK }");
  expect(check(text).errors).toEqual([
    "4:87: ikev2.profiles.hq.local.psk.env: environment variable HQ_PSK is not set (set it where the daemon is started)",
  ]);
});

test.each([
  ['""', "the secret is empty (text in quotes, { file: PATH } or { env: NAME })"],
  ['"•••"', "this is a masked secret (put the secret itself, or its file)"],
  ["12345", "not a secret (text in quotes, { file: PATH } or { env: NAME })"],
  [`{ ${plantedSecret} }`, "not a secret (text in quotes, { file: PATH } or { env: NAME })"],
  [`[ ${plantedSecret} ]`, "not a secret (text in quotes, { file: PATH } or { env: NAME })"],
  [`{ fiel: ${plantedSecret} }`, "not a secret (text in quotes, { file: PATH } or { env: NAME })"],
  ["{ file: }", "not a secret (text in quotes, { file: PATH } or { env: NAME })"],
  ["", "not a secret (text in quotes, { file: PATH } or { env: NAME })"],
])("the secret %j is refused, and not repeated", (secret, message) => {
  const text = shortConfig.replace("{ file: secrets/hq.psk }", secret);
  const { errors } = check(text);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(/^4:\d+: ikev2\.profiles\.hq\.local\.psk: /);
  expect(errors[0]).toContain(message);
  expect(errors[0]).not.toContain(plantedSecret);
});

test("what is given and not used is a warning", () => {
  const text = withLines(
    "end",
    "tunnels: { Tunnel0: {}, spare: {} }\nipsec: { profiles: { a: { encryption: [aes-gcm-256, aes-gcm-256] } } }",
  )
    .replace("ikev2:\n", "ikev2:\n  proposals: { never: {} }\n")
    .replace("    inside", "    tunnel: Tunnel0\n    inside");
  const { errors, warnings } = check(text);
  expect(errors).toEqual([]);
  expect(warnings).toEqual([
    "2:16: warning: ikev2.proposals.never: no profile uses this proposal (name it in a profile, or remove it)",
    "12:25: warning: tunnels.spare: no client uses this tunnel (name it in a client, or remove it)",
    "13:53: warning: ipsec.profiles.a.encryption[1]: is in the list already (once is enough)",
  ]);
});

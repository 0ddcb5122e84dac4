import { expect, test } from "vitest";
import { check, load, plantedSecret, pskFiles, shortConfig, withLines } from "./branch-files.ts";

/** The one client of a configuration. */
function client(text: string, env: Record<string, string> = {}) {
  const { hq } = load(text, { env }).resolved.clients;
  return hq!;
}

test("the short configuration is complete and gives no warning", () => {
  const { loaded, warnings } = check(shortConfig);
  expect(loaded.ok).toBe(true);
  expect(warnings).toEqual([]);
});

test("peers without seq are numbered in tens, in the order of the file", () => {
  expect(client(shortConfig).peers).toEqual([
    { seq: 10, host: { kind: "fqdn", name: "hub1.example.net", family: "dynamic" } },
    { seq: 20, host: { kind: "fqdn", name: "hub2.example.net", family: "dynamic" } },
  ]);
});

test("peers are ordered by seq, whatever their order in the file", () => {
  const text = shortConfig.replace(
    /peers: .*/,
    "peers: [ { seq: 20, address: 203.0.113.2 }, { seq: 10, fqdn: hub1.example.net, family: ipv6 } ]",
  );
  expect(client(text).peers).toEqual([
    { seq: 10, host: { kind: "fqdn", name: "hub1.example.net", family: "ipv6" } },
    { seq: 20, host: { kind: "address", address: "203.0.113.2" } },
  ]);
});

test("a client with nothing but peers gets the defaults of the manual", () => {
  const { connection, ...rest } = client(shortConfig);
  expect(rest).toEqual({
    name: "hq",
    tunnel: "Tunnel0",
    connect: "auto",
    peers: expect.anything(),
    peerReactivate: true,
    downloadedBackups: "after-static",
    standby: "off",
    sources: [],
    holdDown: 30_000,
    inside: ["br-lan"],
    nat: "negotiated",
    routes: { accept: true, distance: 2 },
    killSwitch: true,
    backoff: { initial: 1000, max: 60_000 },
  });
  expect(connection).toMatchObject({
    name: "hq",
    request: { ipv4: true, ipv6: true },
    dpd: { mode: "periodic", interval: 10_000, retry: 2000 },
    retransmit: { initial: 500, factor: 1.8, limit: 5, jitter: 0.1 },
    lifetime: 86_400_000,
    natKeepalive: 20_000,
    fragmentMtu: 1280,
    announceFlexVpn: true,
    initialContact: true,
  });
});

test("without a proposal, AES-GCM and ChaCha20 are offered before AES-CBC, and SHA-1 nowhere", () => {
  const [aead, cbc] = client(shortConfig).connection.proposals;
  expect(aead).toEqual({
    encryption: [{ id: 20, keyLength: 256 }, { id: 20, keyLength: 128 }, { id: 28 }],
    integrity: [],
    prf: [6, 5, 7],
    keyExchange: [31, 19, 20, 21, 14, 15, 16, 32],
  });
  expect(cbc).toMatchObject({ encryption: [{ id: 12, keyLength: 256 }], integrity: [12, 13, 14] });
});

test("without an ipsec profile, the child offers AES-GCM before AES-CBC, no PFS, one hour", () => {
  expect(client(shortConfig).connection.child).toEqual({
    proposals: [
      {
        encryption: [
          { id: 20, keyLength: 256 },
          { id: 20, keyLength: 128 },
        ],
        integrity: [],
        keyExchange: [],
        esn: "prefer",
      },
      {
        encryption: [{ id: 12, keyLength: 256 }],
        integrity: [12],
        keyExchange: [],
        esn: "prefer",
      },
    ],
    local: [{ prefix: "0.0.0.0/0" }, { prefix: "::/0" }],
    remote: [{ prefix: "0.0.0.0/0" }, { prefix: "::/0" }],
    mode: "tunnel",
    lifetime: { time: 3_600_000, bytes: 4500 * 2 ** 20 },
    replayWindow: 512,
    offload: "none",
  });
});

test("SHA-1 is offered when it is asked for", () => {
  const text = withLines("end", "").replace(
    "ikev2:\n",
    "ikev2:\n  proposals:\n    default: { encryption: [aes-cbc-128], integrity: [sha1] }\n",
  );
  expect(client(text).connection.proposals).toMatchObject([{ integrity: [2], prf: [2] }]);
});

test("a proposal's cipher that comes first decides which kind is offered first", () => {
  const text = shortConfig.replace(
    "ikev2:\n",
    "ikev2:\n  proposals:\n    default: { encryption: [aes-cbc-256, aes-gcm-128] }\n",
  );
  const { proposals } = client(text).connection;
  expect(proposals.map(({ encryption }) => encryption[0]?.id)).toEqual([12, 20]);
});

test("a profile offers its proposals in its own order", () => {
  const text = withLines("profile", "proposals: [ b, a ]").replace(
    "ikev2:\n",
    `ikev2:
  proposals:
    a: { encryption: [aes-gcm-128], prf: [sha256], key-exchange: [ecp256] }
    b: { encryption: [chacha20-poly1305], prf: [sha512], key-exchange: [x448, modp4096] }
`,
  );
  expect(client(text).connection.proposals).toEqual([
    { encryption: [{ id: 28 }], integrity: [], prf: [7], keyExchange: [32, 16] },
    { encryption: [{ id: 20, keyLength: 128 }], integrity: [], prf: [5], keyExchange: [19] },
  ]);
});

test("the pre-shared key is the file without the line end that editors put last", () => {
  const { authentication } = client(shortConfig).connection.local;
  expect(authentication.method === "psk" && [...authentication.secret.reveal()]).toEqual([
    ...Buffer.from(plantedSecret),
  ]);
});

test.each([
  ["a literal", `"s p a c e "`, "s p a c e "],
  ["a variable", "{ env: HQ_PSK }", "from the environment"],
])("the pre-shared key may be %s", (_kind, reference, secret) => {
  const text = shortConfig.replaceAll("{ file: secrets/hq.psk }", reference);
  const { connection } = client(text, { HQ_PSK: "from the environment" });
  const { authentication } = connection.local;
  expect(
    authentication.method === "psk" && Buffer.from(authentication.secret.reveal()).toString(),
  ).toBe(secret);
});

test("the hub's key is the branch's own, and any name of the hub will do, where nothing is said", () => {
  const text = shortConfig.replace(/ {6}remote: .*\n/, "");
  expect(client(text).connection.remote).toMatchObject({
    identities: [{ kind: "any" }],
    authentication: { method: "psk" },
  });
});

test("two clients of one profile own their secrets: one's end does not wipe the other's", () => {
  const text = `${shortConfig}  second:\n    profile: hq\n    peers: [ { address: 203.0.113.9 } ]\n`;
  const { hq, second } = load(text).resolved.clients;
  const [a, b] = [hq!.connection.local.authentication, second!.connection.local.authentication];
  if (a.method !== "psk" || b.method !== "psk") throw new Error("both are psk");
  a.secret.wipe();
  expect(b.secret.isWiped).toBe(false);
});

test("the branch calls itself by its host name where the file does not say", () => {
  const text = shortConfig.replace("identity: fqdn:branch12.example.net, ", "");
  expect(load(text).resolved.hostname).toBe("branch12");
  expect(client(text).connection.local.identity).toEqual({ kind: "fqdn", value: "branch12" });
});

test("a hostname in the file wins over the machine's", () => {
  expect(load(`hostname: spoke7\n${shortConfig}`).resolved.hostname).toBe("spoke7");
});

test("a machine without a usable name is called flexspoke", () => {
  const files = { ...pskFiles, "/etc/hostname": "not a name\n" };
  expect(load(shortConfig, { files }).resolved.hostname).toBe("flexspoke");
});

test("each client gets a tunnel of its own when none is configured", () => {
  const text = `${shortConfig}  second:\n    profile: hq\n    peers: [ { address: 203.0.113.9 } ]\n`;
  const { clients, tunnels } = load(text).resolved;
  expect(Object.values(clients).map(({ tunnel }) => tunnel)).toEqual(["Tunnel0", "Tunnel1"]);
  expect(Object.keys(tunnels)).toEqual(["Tunnel0", "Tunnel1"]);
});

test("among several profiles a client takes the one with its own name", () => {
  const text = shortConfig.replace("clients:", "    other: { local: { psk: x } }\nclients:");
  expect(client(text).connection.local.identity).toMatchObject({ value: "branch12.example.net" });
});

test("a tunnel with a fixed address asks the hub for none", () => {
  const text = withLines(
    "end",
    "tunnels:\n  Tunnel5: { address: 10.250.1.7/32, mtu: 1400, tcp-mss: off }",
  );
  const { tunnels } = load(text).resolved;
  expect(tunnels).toEqual({
    Tunnel5: {
      name: "Tunnel5",
      number: 6,
      address: { kind: "fixed", address: "10.250.1.7/32" },
      mtu: 1400,
      tcpMss: "off",
    },
  });
  const { connection } = client(text);
  expect(connection.request).toEqual({ ipv4: false, ipv6: false });
  expect(connection.child.local).toEqual([{ prefix: "0.0.0.0/0" }, { prefix: "::/0" }]);
});

test("a request for IPv4 alone leaves IPv6 out of the traffic selectors", () => {
  const { connection } = client(withLines("profile", "config-exchange: { request: [ipv4] }"));
  expect(connection.request).toEqual({ ipv4: true, ipv6: false });
  expect(connection.child.local).toEqual([{ prefix: "0.0.0.0/0" }]);
});

test("an ipsec profile that is the only one is taken by the tunnel", () => {
  const text = withLines(
    "end",
    `ipsec:
  profiles:
    fast:
      encryption: [aes-gcm-128]
      pfs: [x25519]
      esn: require
      lifetime: { time: 10m, bytes: off }
      replay-window: 64
      offload: crypto`,
  );
  expect(client(text).connection.child).toMatchObject({
    proposals: [{ encryption: [{ id: 20, keyLength: 128 }], keyExchange: [31], esn: "require" }],
    lifetime: { time: 600_000 },
    replayWindow: 64,
    offload: "crypto",
  });
  expect(client(text).connection.child.lifetime).not.toHaveProperty("bytes");
});

test("sources are ordered by seq", () => {
  const text = withLines(
    "client",
    "source: [ { seq: 20, interface: wwan0 }, { seq: 10, interface: wan0 } ]",
  );
  expect(client(text).sources).toEqual([
    { seq: 10, interface: "wan0" },
    { seq: 20, interface: "wwan0" },
  ]);
});

test("fragmentation can be turned off", () => {
  expect(client(withLines("profile", "fragmentation: false")).connection).not.toHaveProperty(
    "fragmentMtu",
  );
});

test("a backoff that starts above its limit stays where it starts", () => {
  const text = withLines("client", "backoff: { initial: 5m, max: 10s }");
  expect(client(text).backoff).toEqual({ initial: 300_000, max: 300_000 });
});

test.each([
  ["fqdn:*.example.net", { kind: "fqdn", pattern: "*.example.net" }],
  ["email:*@example.net", { kind: "email", pattern: "*@example.net" }],
  ["ipv4:203.0.113.1", { kind: "ipv4", pattern: "203.0.113.1" }],
  ["ipv6:2001:DB8::1", { kind: "ipv6", pattern: "2001:db8::1" }],
  ["key-id:0x00ff", { kind: "key-id", bytes: Uint8Array.of(0, 255) }],
  [
    "dn:CN=*,O=Example",
    {
      kind: "dn",
      attributes: [
        { type: "CN", pattern: "*" },
        { type: "O", pattern: "Example" },
      ],
    },
  ],
])("the hub may be known as %s", (identity, pattern) => {
  const text = shortConfig.replace("fqdn:hub.example.net", `[ any, "${identity}" ]`);
  expect(client(text).connection.remote.identities).toEqual([{ kind: "any" }, pattern]);
});

test("no web.listen gives the loopback port of the manual; an empty one gives none", () => {
  expect(load(shortConfig).resolved.web.listen).toEqual([{ address: "127.0.0.1", port: 8080 }]);
  expect(load(withLines("end", "web: { listen: [] }")).resolved.web.listen).toEqual([]);
  expect(load(withLines("end", 'web: { listen: ["[::1]:90"] }')).resolved.web.listen).toEqual([
    { address: "::1", port: 90 },
  ]);
});

test.each(["", "# nothing\n", "clients:\n", "{}", "clients: {}\nikev2: { profiles: }\n"])(
  "a file without a client, %j, is valid with a warning",
  (text) => {
    const { errors, warnings } = check(text);
    expect(errors).toEqual([]);
    expect(warnings.join()).toContain("no client is configured");
  },
);

test("anchors and aliases of YAML stand for what they name", () => {
  const text = shortConfig
    .replace("psk: { file: secrets/hq.psk } }", "psk: &key { file: secrets/hq.psk } }")
    .replace(/psk: \{ file: secrets\/hq\.psk \} \}\nclients/, "psk: *key }\nclients");
  expect(text).toContain("*key");
  expect(client(text).connection.remote.authentication.method).toBe("psk");
});

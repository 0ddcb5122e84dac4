import { expect, test } from "vitest";
import { diffConfig, sameValue } from "#config/diff.ts";
import { SecretBytes } from "#lib/secret.ts";
import { makeRoot } from "#test/support/pki.ts";
import { load, pskFiles, shortConfig, withLines } from "./branch-files.ts";

const second = "  second:\n    profile: hq\n    peers: [ { address: 203.0.113.9 } ]\n";

/** The difference that a reload from one text to the other would act on. */
function diff(before: string, after: string, files: Parameters<typeof load>[1] = {}) {
  return diffConfig(load(before).resolved, load(after, files).resolved);
}

test("the same text loaded twice is no difference", () => {
  expect(diff(shortConfig, shortConfig).isEmpty).toBe(true);
});

test("a default that is written out is no difference", () => {
  expect(diff(shortConfig, withLines("client", "nat: negotiated")).isEmpty).toBe(true);
});

test("a new client touches itself and its tunnel, not the client that is up", () => {
  expect(diff(shortConfig, shortConfig + second)).toEqual({
    isEmpty: false,
    hostname: false,
    web: false,
    tunnels: { added: ["Tunnel1"], removed: [], changed: [] },
    clients: { added: ["second"], removed: [], changed: [] },
  });
});

test("a client that is gone is removed with its tunnel", () => {
  const { clients, tunnels } = diff(shortConfig + second, shortConfig);
  expect(clients).toEqual({ added: [], removed: ["second"], changed: [] });
  expect(tunnels).toEqual({ added: [], removed: ["Tunnel1"], changed: [] });
});

test.each([
  ["kill-switch: false", ["killSwitch"], false],
  ["routes: { distance: 9 }", ["routes"], false],
  ["source: [ { interface: wan0 } ]", ["sources"], false],
  ["connect: manual", ["connect"], false],
  ["nat: off", ["nat"], false],
  ["backoff: { initial: 3s }", ["backoff"], false],
])("%s changes the client without a new session", (line, aspects, needsNewSession) => {
  expect(diff(shortConfig, withLines("client", line)).clients.changed).toEqual([
    { name: "hq", aspects, needsNewSession },
  ]);
});

test("a change of the profile needs a new session of the clients that use it", () => {
  const other = "    other: { local: { psk: x } }\n";
  const before =
    shortConfig.replace("clients:", `${other}clients:`) + second.replace("hq", "other");
  const after = before.replace("    other:", "      lifetime: 8h\n    other:");
  expect(diff(before, after).clients.changed).toEqual([
    { name: "hq", aspects: ["connection"], needsNewSession: true },
  ]);
});

test("a new pre-shared key in the same file is a difference", () => {
  const files = { ...pskFiles, "/etc/flexspoke/secrets/hq.psk": "another" };
  expect(diff(shortConfig, shortConfig, { files }).clients.changed).toEqual([
    { name: "hq", aspects: ["connection"], needsNewSession: true },
  ]);
});

test("a change of a tunnel is the tunnel's, and its client's where the suite changes", () => {
  const mtu = diff(
    withLines("end", "tunnels: { t: {} }"),
    withLines("end", "tunnels: { t: { mtu: 1400 } }"),
  );
  expect(mtu.tunnels.changed).toEqual(["t"]);
  expect(mtu.clients.changed).toEqual([]);
});

test("the host name and the listeners are differences of their own", () => {
  const { hostname, web, clients } = diff(
    shortConfig,
    withLines("end", "hostname: b\nweb: { listen: [] }"),
  );
  expect({ hostname, web, changed: clients.changed }).toEqual({
    hostname: true,
    web: true,
    changed: [],
  });
});

test("secrets, keys and bytes are compared by what they hold", () => {
  const secret = (text: string) => new SecretBytes(new TextEncoder().encode(text));
  const [a, b] = ["CN=a", "CN=b"].map((subject) => makeRoot({ subject }).key);
  expect(sameValue(secret("x"), secret("x"))).toBe(true);
  expect(sameValue(secret("x"), secret("y"))).toBe(false);
  expect(sameValue(secret("x"), secret("xx"))).toBe(false);
  expect(sameValue(a, a)).toBe(true);
  expect(sameValue(a, b)).toBe(false);
  expect(sameValue(Uint8Array.of(1), Uint8Array.of(1))).toBe(true);
  expect(sameValue(Uint8Array.of(1), Uint8Array.of(2))).toBe(false);
  expect(sameValue([], {})).toBe(false);
  expect(sameValue({ a: undefined }, {})).toBe(false);
});

test("a secret that was wiped is not the same as anything", () => {
  const wiped = new SecretBytes(Uint8Array.of(1));
  wiped.wipe();
  expect(sameValue(wiped, new SecretBytes(Uint8Array.of(1)))).toBe(false);
});

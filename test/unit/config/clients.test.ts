import { expect, test } from "vitest";
import type { IpAddress } from "#lib/ip.ts";
import { check, load, shortConfig, withLines } from "./branch-files.ts";

const track = "track: { wan0-up: { interface: wan0 }, hub1: { interface: wan1 } }";

/** The short configuration with two track objects, and these lines in its client. */
function tracked(lines = "kill-switch: true"): string {
  return `${withLines("client", lines)}${track}\n`;
}

function client(text: string) {
  const found = load(text).resolved.clients["hq"];
  if (!found) throw new Error("no client hq");
  return found;
}

test("a client may connect by a track object, up unless it says down", () => {
  expect(client(tracked("connect: { track: hub1 }")).connect).toEqual({
    object: "hub1",
    state: "up",
  });
  expect(client(tracked("connect: { track: hub1, state: down }")).connect).toEqual({
    object: "hub1",
    state: "down",
  });
});

test("peers and sources may be tied to track objects", () => {
  const text = tracked("source: [ { interface: wan0, track: wan0-up } ]").replace(
    "{ fqdn: hub1.example.net }",
    "{ fqdn: hub1.example.net, track: hub1, state: down }",
  );

  expect(client(text).peers[0]?.track).toEqual({ object: "hub1", state: "down" });
  expect(client(text).sources[0]?.track).toEqual({ object: "wan0-up", state: "up" });
});

test("a rehearsal has an interval and may have a window of the day", () => {
  expect(client(tracked("rehearsal: { every: 12h, window: 23:30-01:15 }")).rehearsal).toEqual({
    every: 12 * 3_600_000,
    window: { from: 23 * 60 + 30, to: 75 },
  });
  expect(client(shortConfig).rehearsal).toBeUndefined();
});

test.each([
  [
    "rehearsal: { window: 2-4 }",
    "clients.hq.rehearsal.window: not a time of day from and to (for example 02:00-04:00)",
  ],
])("%s is refused with its place", (line, message) => {
  const [error, ...others] = check(tracked(line)).errors;
  expect(others).toEqual([]);
  expect(error).toMatch(/^\d+:\d+: /);
  expect(error?.replace(/^\d+:\d+: /, "")).toBe(message);
});

test("a state without a track object is refused", () => {
  const text = shortConfig.replace("{ fqdn: hub1.example.net }", "{ fqdn: a, state: up }");

  expect(check(text).errors).toEqual([
    expect.stringContaining("state without track (the state is that of a track object)"),
  ]);
});

test.each([
  ["backup-group: main", "no other client is in group main"],
  ["standby: hot\ndownloaded-backups: ignore", "nobody can stand by"],
])("%s alone is a warning", (lines, warning) => {
  const text = tracked(lines).replace(/peers: .*/, "peers: [ { fqdn: a } ]");

  expect(check(text).errors).toEqual([]);
  expect(check(text).warnings.join()).toContain(warning);
});

test("a peer that is listed twice is a warning", () => {
  const text = shortConfig.replace(/peers: .*/, "peers: [ { fqdn: a }, { fqdn: A } ]");

  expect(check(text).warnings).toEqual([expect.stringContaining("a is in the list already")]);
});

const onlyIpv4 = new Map([["wan0", ["198.51.100.7" as IpAddress]]]);

test("a peer of a family that no source has an address of is refused where its family is said", () => {
  const text = withLines("client", "source: [ { interface: wan0 } ]").replace(
    /peers: .*/,
    "peers: [ { address: 203.0.113.1 }, { address: 2001:db8::1 }, { fqdn: a, family: ipv6 }, { fqdn: b } ]",
  );

  expect(check(text, { interfaces: onlyIpv4 }).errors).toEqual([
    "8:51: clients.hq.peers[1].address: is IPv6, and no source has an IPv6 address (there is 198.51.100.7)",
    "8:85: clients.hq.peers[2].family: is IPv6, and no source has an IPv6 address (there is 198.51.100.7)",
  ]);
});

test("a source that is not there yet may have any address", () => {
  const text = withLines("client", "source: [ { interface: wwan0 } ]").replace(
    /peers: .*/,
    "peers: [ { address: 2001:db8::1 } ]",
  );

  expect(check(text, { interfaces: onlyIpv4 }).errors).toEqual([]);
});

/** Traffic selectors and configuration payload: what the hub narrows to and hands out. RFC 7296 §2.9, §2.19, §3.15 */
import { expect, test } from "vitest";
import type { ChildConfig } from "#ike/connection.ts";
import type { IpAddress, Prefix } from "#lib/ip.ts";
import { assertFailedOnce, assertOneTunnel, lastFromBranch } from "#test/support/assertions.ts";
import { connection, defaultChild } from "#test/support/connection.ts";
import { ATTRIBUTE } from "#test/support/virtual-hub/configuration.ts";
import { toPrefixes } from "#test/support/virtual-hub/traffic-selectors.ts";
import { find, PAYLOAD, readCp, readTs } from "#test/support/virtual-hub/wire.ts";
import { ASSIGNED, defaultHub, World } from "#test/support/world.ts";

const prefix = (text: string) => text as Prefix;
const wish = (...texts: string[]) => texts.map((text) => ({ prefix: prefix(text) }));
const child = (parts: Partial<ChildConfig>): ChildConfig => ({ ...defaultChild, ...parts });
const IP6 = "fd00:250::7" as IpAddress;

test("an assigned address narrows 0.0.0.0/0 to it, and that is what gets installed", () => {
  const world = new World({ seed: 1 });
  const { hub, branch } = world.connected();
  for (const sa of branch.dataplane.sas) {
    expect(sa.selectors).toEqual({ local: [`${ASSIGNED}/32`], remote: ["10.0.0.0/8"] });
  }
  assertOneTunnel(branch, hub);
});

test("the request offers what the profile wants on both sides", () => {
  const world = new World({ seed: 2 });
  const wanted = child({
    local: wish("192.168.12.0/24"),
    remote: wish("10.0.0.0/8", "172.16.0.0/12"),
  });
  const { hub } = world.connected({
    hub: { networks: [prefix("0.0.0.0/0")] },
    connection: { child: wanted, request: { ipv4: false, ipv6: false } },
  });
  const { payloads } = lastFromBranch(hub, "IKE_AUTH", "request");
  const selectors = (type: number) =>
    toPrefixes(readTs(find(payloads, type)?.body ?? Uint8Array.of(0, 0, 0, 0)));
  expect(selectors(PAYLOAD.TSi)).toEqual(["192.168.12.0/24"]);
  expect(selectors(PAYLOAD.TSr)).toEqual(["10.0.0.0/8", "172.16.0.0/12"]);
  expect(find(payloads, PAYLOAD.CP)).toBeUndefined();
});

test("a hub that protects several networks narrows to all of them", () => {
  const world = new World({ seed: 3 });
  const networks = ["10.1.0.0/16", "10.3.0.0/16", "172.16.0.0/12"].map(prefix);
  const { hub, branch } = world.connected({ hub: { networks } });
  expect(branch.outcome?.remoteSelectors).toEqual(networks);
  assertOneTunnel(branch, hub);
});

test("network extension mode keeps the branch's own network as local selector", () => {
  const world = new World({ seed: 4 });
  const { hub, branch } = world.connected({
    connection: {
      child: child({ local: wish("192.168.12.0/24") }),
      request: { ipv4: false, ipv6: false },
    },
  });
  expect(branch.outcome).toMatchObject({ assigned: {}, localSelectors: ["192.168.12.0/24"] });
  assertOneTunnel(branch, hub);
});

test("IPv6 only: the hub assigns a prefix and the selectors are IPv6", () => {
  const world = new World({ seed: 5 });
  const { hub, branch } = world.connected({
    hub: {
      handout: {
        ipv6: { address: IP6, length: 64 },
        dns: ["fd00::53" as IpAddress],
        domains: [],
        subnets: [prefix("fd00:1::/32")],
      },
      networks: [prefix("fd00::/16")],
    },
    connection: { request: { ipv4: false, ipv6: true } },
  });
  expect(branch.outcome?.assigned.ipv4).toBeUndefined();
  expect(branch.outcome?.assigned.ipv6).toMatch(/^fd00:250:/);
  expect(branch.outcome?.dns).toEqual(["fd00::53"]);
  expect(branch.outcome?.localSelectors).toEqual([`${IP6}/128`]);
  assertOneTunnel(branch, hub);
});

test("both families at once: one Child SA carries both", () => {
  const world = new World({ seed: 6 });
  const { hub, branch } = world.connected({
    hub: {
      handout: { ...defaultHub.handout, ipv6: { address: IP6, length: 128 } },
      networks: [prefix("10.0.0.0/8"), prefix("fd00::/16")],
    },
    connection: { request: { ipv4: true, ipv6: true } },
  });
  expect(branch.outcome?.localSelectors).toEqual([`${ASSIGNED}/32`, `${IP6}/128`]);
  expect(branch.outcome?.remoteSelectors).toEqual(["10.0.0.0/8", "fd00::/16"]);
  assertOneTunnel(branch, hub);
});

test("asked for both families, a hub with IPv4 only still gives a session", () => {
  const world = new World({ seed: 7 });
  const { hub, branch } = world.connected({ connection: { request: { ipv4: true, ipv6: true } } });
  expect(branch.outcome?.assigned).toEqual({ ipv4: ASSIGNED });
  assertOneTunnel(branch, hub);
});

test("a hub with an empty pool is told apart from one that refuses", () => {
  const world = new World({ seed: 8 });
  const hub = world.hub("hub1", { handout: { dns: [], domains: [], subnets: [] } });
  const branch = world.branch();
  branch.connect(connection(), hub.address);
  world.runUntil(() => branch.down !== undefined);
  assertFailedOnce(branch, "ike.child.no-address");
});

test("selectors without anything in common end the session with that reason", () => {
  const world = new World({ seed: 9 });
  const hub = world.hub();
  const branch = world.branch();
  branch.connect(connection({ child: child({ remote: wish("172.16.0.0/12") }) }), hub.address);
  world.runUntil(() => branch.down !== undefined);
  assertFailedOnce(branch, "ike.child.ts-unacceptable");
});

test("selectors wider than asked for are refused", () => {
  const world = new World({ seed: 10 });
  const hub = world.hub();
  hub.impair({ kind: "widened-selectors" });
  const branch = world.branch();
  branch.connect(connection({ child: child({ remote: wish("10.0.0.0/8") }) }), hub.address);
  world.runUntil(() => branch.down !== undefined);
  assertFailedOnce(branch, "ike.child.ts-invalid");
  expect(branch.dataplane.journal).toEqual([]);
});

test("the configuration request asks for addresses, DNS and networks of the wanted families", () => {
  const world = new World({ seed: 11 });
  const { hub } = world.connected();
  const { payloads } = lastFromBranch(hub, "IKE_AUTH", "request");
  const { cfgType, attributes } = readCp(find(payloads, PAYLOAD.CP)?.body ?? new Uint8Array(4));
  const types = attributes.map(({ type }) => type);
  expect(cfgType).toBe(1);
  expect(types).toContain(ATTRIBUTE.INTERNAL_IP4_ADDRESS);
  expect(types).toContain(ATTRIBUTE.INTERNAL_IP4_DNS);
  expect(types).toContain(ATTRIBUTE.INTERNAL_IP4_SUBNET);
  expect(types).not.toContain(ATTRIBUTE.INTERNAL_IP6_ADDRESS);
});

test("transport mode is used when the hub agrees", () => {
  const world = new World({ seed: 12 });
  const { hub, branch } = world.connected({
    hub: { branchNetworks: [prefix("192.0.2.10/32")], networks: [prefix("203.0.113.1/32")] },
    connection: {
      child: child({
        mode: "transport",
        local: wish("192.0.2.10/32"),
        remote: wish("203.0.113.1/32"),
      }),
      request: { ipv4: false, ipv6: false },
    },
  });
  expect(branch.dataplane.sas.map(({ mode }) => mode)).toEqual(["transport", "transport"]);
  assertOneTunnel(branch, hub);
});

import { expect, test } from "vitest";
import { isBlocked } from "#dataplane/blocked.ts";
import type { Change } from "#dataplane/change.ts";
import { emptyFirewall } from "#dataplane/desired.ts";
import { policiesFor } from "#dataplane/policy.ts";
import type { InterfaceAddress, Prefix } from "#lib/ip.ts";
import { empty, ifId, sampleRoute, sampleSa, sampleTunnel } from "./samples.ts";

const addSa: Change = { kind: "add-sa", sa: sampleSa("out", 4), ifId };
const addTunnel: Change = { kind: "add-tunnel", tunnel: sampleTunnel() };
const setFirewall: Change = {
  kind: "set-firewall",
  firewall: {
    ...emptyFirewall,
    killSwitch: [{ client: "hq", networks: ["10.1.0.0/16" as Prefix], allowed: ["Tunnel0"] }],
  },
};
const setRoute: Change = { kind: "set-route", route: sampleRoute(), replaces: false };
const policies = policiesFor([sampleSa("in", 3), sampleSa("out", 4)], ifId);
const setPolicy = (direction: string): Change => {
  const policy = policies.find((item) => item.direction === direction);
  if (!policy) throw new Error(direction);
  return { kind: "set-policy", policy };
};

test("when nothing failed nothing waits", () => {
  for (const change of [addSa, addTunnel, setFirewall, setRoute, setPolicy("out")])
    expect(isBlocked(change, [], empty)).toBe(false);
});

test("traffic does not switch to an SA that could not be added", () => {
  expect(isBlocked(setPolicy("out"), [addSa], empty)).toBe(true);
  expect(isBlocked(setPolicy("in"), [addSa], empty)).toBe(false);
});

test("traffic does not switch to an SA whose answers could not be read", () => {
  const failed: Change = { kind: "add-sa", sa: sampleSa("in", 3), ifId };
  expect(isBlocked(setPolicy("out"), [failed], empty)).toBe(true);
});

test("another tunnel is not held up", () => {
  const failed: Change = {
    kind: "add-sa",
    sa: sampleSa("out", 4, { client: "dc" }),
    ifId: ifId + 1,
  };
  expect(isBlocked(setPolicy("out"), [failed], empty)).toBe(false);
});

test("the old SA stays as long as a policy sends traffic by it", () => {
  const removal: Change = { kind: "remove-sa", sa: sampleSa("out", 4), ifId };
  const failed = [setPolicy("out")];
  expect(isBlocked(removal, failed, { ...empty, policies })).toBe(true);
  expect(isBlocked(removal, failed, empty)).toBe(false);
});

test("addresses and routes wait for their interface", () => {
  const address: Change = {
    kind: "add-address",
    tunnel: "Tunnel0",
    address: "10.250.1.7/32" as InterfaceAddress,
  };
  expect(isBlocked(address, [addTunnel], empty)).toBe(true);
  expect(isBlocked(setRoute, [addTunnel], empty)).toBe(true);
});

test("without its firewall no route leads anywhere new, and none is taken away", () => {
  expect(isBlocked(setRoute, [setFirewall], empty)).toBe(true);
  expect(isBlocked({ kind: "remove-route", route: sampleRoute() }, [setFirewall], empty)).toBe(
    true,
  );
});

test("a firewall that neither guards nor translates holds no route up", () => {
  const idle: Change = { kind: "set-firewall", firewall: emptyFirewall };
  expect(isBlocked(setRoute, [idle], empty)).toBe(false);
});

test("a route stays when the one that takes its place failed", () => {
  const removal: Change = {
    kind: "remove-route",
    route: sampleRoute({ destination: "10.1.4.0/24" as Prefix, metric: 9 }),
  };
  const elsewhere: Change = {
    kind: "remove-route",
    route: sampleRoute({ destination: "10.9.0.0/16" as Prefix }),
  };
  expect(isBlocked(removal, [setRoute], empty)).toBe(true);
  expect(isBlocked(elsewhere, [setRoute], empty)).toBe(false);
});

test("protection is not let go while a route is not as it should be", () => {
  const relaxed: Change = { kind: "set-firewall", firewall: emptyFirewall };
  const killSwitch = [{ client: "hq", networks: ["10.1.0.0/16" as Prefix], allowed: ["Tunnel0"] }];
  const guarded = { ...empty, firewall: { ...emptyFirewall, killSwitch } };
  expect(isBlocked(relaxed, [setRoute], guarded)).toBe(true);
  expect(isBlocked(setFirewall, [setRoute], guarded)).toBe(false);
});

test("an interface stays as long as routes lead into it", () => {
  const removal: Change = { kind: "remove-tunnel", tunnel: sampleTunnel() };
  expect(isBlocked(removal, [setFirewall], { ...empty, routes: [sampleRoute()] })).toBe(true);
  expect(isBlocked(removal, [setFirewall], empty)).toBe(false);
});

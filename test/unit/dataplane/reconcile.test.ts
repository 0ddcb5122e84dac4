import { expect, test } from "vitest";
import { nothing } from "#dataplane/change.ts";
import type { Firewall } from "#dataplane/desired.ts";
import { policiesFor } from "#dataplane/policy.ts";
import { reconcile } from "#dataplane/reconcile.ts";
import type { InterfaceAddress, IpAddress, Prefix } from "#lib/ip.ts";
import { empty, ifId, sampleRoute, sampleSa, sampleTunnel, up } from "./samples.ts";

const killSwitch: Firewall["killSwitch"] = [
  { client: "hq", networks: ["10.1.0.0/16" as Prefix], allowed: ["Tunnel0", "br-lan"] },
];
const kinds = (changes: ReturnType<typeof reconcile>) => changes.map(({ kind }) => kind);

test("a tunnel that comes up has its interface first, then SAs, policies, firewall, routes", () => {
  const desired = up(sampleSa("out", 2), sampleSa("in", 1));
  const changes = reconcile(nothing, desired);
  expect(kinds(changes)).toEqual([
    "add-tunnel",
    "add-address",
    "add-sa",
    "add-sa",
    "set-policy",
    "set-policy",
    "set-policy",
    "set-firewall",
    "set-route",
  ]);
  expect(changes.flatMap((c) => (c.kind === "add-sa" ? [c.sa.direction] : []))).toEqual([
    "in",
    "out",
  ]);
  expect(changes.flatMap((c) => (c.kind === "set-policy" ? [c.policy.direction] : []))).toEqual([
    "in",
    "forward",
    "out",
  ]);
});

test("a rekey adds both SAs, switches the outbound policy and touches nothing else", () => {
  const before = up(sampleSa("in", 1), sampleSa("out", 2));
  const after = up(sampleSa("in", 1), sampleSa("out", 2), sampleSa("in", 3), sampleSa("out", 4));
  expect(reconcile(before, after)).toMatchObject([
    { kind: "add-sa", sa: { spi: 3 } },
    { kind: "add-sa", sa: { spi: 4 } },
    { kind: "set-policy", policy: { direction: "out", template: { spi: 4 } } },
  ]);
});

test("after a rekey the old SAs go, outbound before inbound, and no policy changes", () => {
  const before = up(sampleSa("in", 1), sampleSa("out", 2), sampleSa("in", 3), sampleSa("out", 4));
  const after = up(sampleSa("in", 3), sampleSa("out", 4));
  expect(reconcile(before, after)).toMatchObject([
    { kind: "remove-sa", sa: { spi: 2 } },
    { kind: "remove-sa", sa: { spi: 1 } },
  ]);
});

test("a tunnel that goes down loses its routes first and its interface last", () => {
  const changes = reconcile(up(sampleSa("in", 1), sampleSa("out", 2)), empty);
  expect(kinds(changes)).toEqual([
    "remove-route",
    "remove-policy",
    "remove-policy",
    "remove-policy",
    "remove-sa",
    "remove-sa",
    "remove-tunnel",
  ]);
});

test("a new port behind the NAT updates the SA in place, a new address moves it", () => {
  const before = up(sampleSa("out", 2));
  const port = { destination: { address: "203.0.113.2" as IpAddress, port: 20_001 } };
  const address = { destination: { address: "203.0.113.6" as IpAddress, port: 4_500 } };
  expect(reconcile(before, up(sampleSa("out", 2, port)))).toMatchObject([{ kind: "update-sa" }]);
  expect(reconcile(before, up(sampleSa("out", 2, address)))).toMatchObject([
    { kind: "move-sa", from: { destination: { address: "203.0.113.2" } } },
    { kind: "set-policy", policy: { template: { destination: "203.0.113.6" } } },
  ]);
});

test("a kill switch stands before the tunnel's route goes, and falls only after the route stands", () => {
  const withRoute = { ...empty, tunnels: [sampleTunnel()], routes: [sampleRoute()] };
  const withSwitch = {
    ...empty,
    tunnels: [sampleTunnel()],
    firewall: { ...empty.firewall, killSwitch },
  };
  expect(kinds(reconcile(withRoute, withSwitch))).toEqual(["set-firewall", "remove-route"]);
  expect(kinds(reconcile(withSwitch, withRoute))).toEqual(["set-route", "set-firewall"]);
});

test("routes that the kernel drops with the last IPv4 address are put back, guarded meanwhile", () => {
  const before = { ...empty, tunnels: [sampleTunnel()], routes: [sampleRoute()] };
  const after = { ...before, tunnels: [sampleTunnel({ addresses: [] })] };
  expect(reconcile(before, after)).toMatchObject([
    { kind: "set-route", route: { kind: "unreachable", destination: "10.1.0.0/16" } },
    { kind: "remove-address" },
    { kind: "set-route", route: { device: "Tunnel0" } },
    { kind: "remove-route", route: { kind: "unreachable" } },
  ]);
});

test("another assigned address comes before the old one goes, so that routes stay", () => {
  const before = { ...empty, tunnels: [sampleTunnel()], routes: [sampleRoute()] };
  const addresses = ["10.250.1.8/32" as InterfaceAddress];
  const after = { ...before, tunnels: [sampleTunnel({ addresses })] };
  expect(kinds(reconcile(before, after))).toEqual(["add-address", "remove-address"]);
});

test("the way to the hub stands before the network that holds it is routed into the tunnel", () => {
  const routes = [
    sampleRoute({ destination: "0.0.0.0/1" as Prefix }),
    sampleRoute({ destination: "203.0.113.2/32" as Prefix, device: "wan0" }),
  ];
  const changes = reconcile(empty, { ...empty, routes });
  expect(changes).toMatchObject([
    { route: { destination: "203.0.113.2/32" } },
    { route: { destination: "0.0.0.0/1" } },
  ]);
});

test("another MTU changes the interface in place", () => {
  const before = { ...empty, tunnels: [sampleTunnel()] };
  const after = { ...empty, tunnels: [sampleTunnel({ mtu: 1_300 })] };
  expect(kinds(reconcile(before, after))).toEqual(["change-tunnel"]);
});

test("an SA finds its interface by its client", () => {
  const tunnels = [sampleTunnel(), sampleTunnel({ name: "Tunnel1", client: "dc", ifId: ifId + 1 })];
  const securityAssociations = [
    sampleSa("in", 1, { client: "dc" }),
    sampleSa("in", 3, { client: "x" }),
  ];
  const changes = reconcile({ ...empty, tunnels }, { ...empty, tunnels, securityAssociations });
  expect(changes).toMatchObject([{ ifId: ifId + 1 }, { ifId: undefined }]);
});

test("a firewall of which nobody knows the state is set even when it should be empty", () => {
  expect(kinds(reconcile(nothing, empty))).toEqual(["set-firewall"]);
});

test("policies of a predecessor that are no longer wanted go, outbound first", () => {
  const sas = [sampleSa("in", 1), sampleSa("out", 2)];
  const changes = reconcile({ ...empty, policies: policiesFor(sas, ifId) }, empty);
  expect(changes.map((c) => (c.kind === "remove-policy" ? c.policy.direction : c.kind))[0]).toBe(
    "out",
  );
});

test("of two clients that want the same route the first has it, and nothing flaps", () => {
  const tunnels = [sampleTunnel(), sampleTunnel({ name: "Tunnel1", client: "dc", ifId: ifId + 1 })];
  const routes = [sampleRoute(), sampleRoute({ device: "Tunnel1" })];
  const desired = { ...empty, tunnels, routes };
  expect(reconcile({ ...empty, tunnels }, desired)).toMatchObject([
    { route: { device: "Tunnel0" } },
  ]);
  expect(reconcile({ ...desired, routes: [sampleRoute()] }, desired)).toEqual([]);
});

test("when the firewall is there already, routes do not wait for what it is to guard besides", () => {
  const desired = up(sampleSa("out", 2), sampleSa("in", 1));
  const guarded = { ...empty, firewall: { ...empty.firewall, killSwitch } };
  const more = {
    ...desired,
    firewall: {
      ...empty.firewall,
      killSwitch: [
        ...killSwitch,
        { client: "dc", networks: ["10.2.0.0/16" as Prefix], allowed: ["Tunnel1"] },
      ],
    },
  };
  const changes = kinds(reconcile(guarded, more));
  expect(changes.slice(-2)).toEqual(["set-route", "set-firewall"]);
});

test("a route waits for the translation of what will take it", () => {
  const desired = up(sampleSa("out", 2), sampleSa("in", 1));
  const nat = [{ inside: ["br-lan"], tunnel: "Tunnel0" }];
  const translated = { ...desired, firewall: { ...empty.firewall, nat } };
  expect(kinds(reconcile(empty, translated)).slice(-2)).toEqual(["set-firewall", "set-route"]);
});

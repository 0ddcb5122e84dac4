/** Interfaces and addresses that are missing, down, taken or in each other's way, and what the branch says of them. */
import { expect, test } from "vitest";
import { seconds } from "#lib/duration.ts";
import type { IpAddress, Prefix } from "#lib/ip.ts";
import { interfaceMissing, noAddress, noRoute } from "#linux/socket/socket-fault.ts";
import { BranchUnderDiagnosis } from "#test/support/diagnosis/branch-under-diagnosis.ts";
import { expectOnly } from "#test/support/diagnosis/expectations.ts";
import { ASSIGNED, defaultHub, World } from "#test/support/world.ts";

const wan0 = { name: "wan0", isUp: true, mtu: 1_500, addresses: ["192.0.2.10/24"], rivals: [] };
const lan = { name: "br-lan", isUp: true, mtu: 1_500, addresses: ["192.168.12.1/24"], rivals: [] };
const onWan9 = { client: { source: [{ seq: 1, interface: "wan9" }], inside: ["br-lan"] } };

test("a source interface that does not exist", () => {
  const world = new World({ seed: 30 });
  world.hub();
  const branch = new BranchUnderDiagnosis(world, onWan9).start();
  world.runFor(seconds(5));

  expectOnly(branch.diagnose(), "source-missing", /wan9 does not exist/);
});

test("a source interface that is down", () => {
  const world = new World({ seed: 31 });
  world.hub();
  const branch = new BranchUnderDiagnosis(world, onWan9).start();
  branch.interfaceChanged("wan9", false, []);
  const wan9 = { ...wan0, name: "wan9", isUp: false, addresses: [] };
  branch.surroundings = { machine: { interfaces: [wan9, lan] } };
  world.runFor(seconds(5));

  expectOnly(branch.diagnose(), "source-down", /wan9 is down: .*no carrier/);
});

test("a source interface without an address, as when DHCP gets no answer", () => {
  const world = new World({ seed: 32 });
  world.hub();
  const branch = new BranchUnderDiagnosis(world, onWan9).start();
  branch.interfaceChanged("wan9", true, []);
  branch.surroundings = {
    machine: { interfaces: [{ ...wan0, name: "wan9", addresses: [] }, lan] },
  };
  world.runFor(seconds(5));

  expectOnly(branch.diagnose(), "source-without-address", /wan9 is up and has no address/);
});

test("a first source that is missing while the second carries the tunnel is told as a danger", () => {
  const world = new World({ seed: 33 });
  world.hub();
  const source = [
    { seq: 1, interface: "wan9" },
    { seq: 2, interface: "wan0" },
  ];
  const branch = new BranchUnderDiagnosis(world, { client: { source } }).start();
  world.runUntil(() => branch.isUp);
  world.runFor(seconds(5));

  const diagnosis = branch.diagnose();
  expectOnly(diagnosis, "source-missing", /wan9 does not exist.*uses wan0 instead/);
  expect(diagnosis.summary).toMatch(/^hq is connected to 203\.0\.113\.1, but: /);
});

test("a LAN interface that does not exist", () => {
  const { branch, world } = connected(34, { client: { inside: ["br-lam"] } });
  world.runFor(seconds(5));

  expectOnly(branch.diagnose(), "inside-interface-unusable", /br-lam does not exist/);
});

test("another device with this branch's address", () => {
  const world = new World({ seed: 35 });
  const hub = world.hub();
  world.link.cut(hub.address);
  const branch = new BranchUnderDiagnosis(world).start();
  const rival = { address: "192.0.2.10" as IpAddress, by: "02:00:00:00:00:99" };
  branch.surroundings = { machine: { interfaces: [{ ...wan0, rivals: [rival] }, lan] } };
  world.runFor(seconds(20));

  expectOnly(branch.diagnose(), "address-taken", /02:00:00:00:00:99\) answers for 192\.0\.2\.10/);
});

test("a LAN whose network is behind the hub too", () => {
  const subnets = ["192.168.12.0/24" as Prefix];
  const { branch } = connected(36, { client: { inside: ["br-lan"] } }, subnets);

  expectOnly(branch.diagnose(), "lan-overlaps", /LAN 192\.168\.12\.0\/24 .* overlap/);
});

test("a network behind the hub that merely contains the LAN's is no fault", () => {
  const subnets = ["192.168.0.0/16" as Prefix];
  const { branch } = connected(37, { client: { inside: ["br-lan"] } }, subnets);

  expect(branch.diagnose().findings).toEqual([]);
});

test("a hub whose own address lies in the networks it gives out", () => {
  const { branch } = connected(38, {}, ["203.0.113.0/24" as Prefix]);

  const words = /203\.0\.113\.1 is the hub's own address .*route to that network was left out/;
  expectOnly(branch.diagnose(), "hub-inside-tunnel", words);
});

test("a way to the hub that leads into its own tunnel", () => {
  const { branch } = connected(39);
  const tunnels = { Tunnel0: { state: "up", mtu: 1_400, addresses: [] } } as const;
  const document = { ...branch.evidence.document, tunnels };
  const address = "203.0.113.1" as IpAddress;
  const ways = [{ host: address, address, route: { device: "Tunnel0" }, refusals: [] }];
  branch.surroundings = { document, ways };

  expectOnly(branch.diagnose(), "hub-inside-tunnel", /go through the tunnel themselves/);
});

test("an uplink without its default route", () => {
  const world = new World({ seed: 40 });
  world.hub();
  const branch = new BranchUnderDiagnosis(world);
  branch.socketFault = (remote) => noRoute(remote, "wan0", "ENETUNREACH");
  branch.start();
  world.runFor(seconds(5));

  expectOnly(branch.diagnose(), "no-route", /no route to 203\.0\.113\.1/);
});

test("a hub of a family that this branch has no address of", () => {
  const world = new World({ seed: 41 });
  const peers = [{ address: "2001:db8::1" }];
  const branch = new BranchUnderDiagnosis(world, { client: { peers } });
  branch.socketFault = (address) => noAddress({ port: 500, family: address.includes(":") ? 6 : 4 });
  branch.start();
  world.runFor(seconds(5));

  expectOnly(branch.diagnose(), "no-local-address", /no IPv6 address/);
});

test("a modem that is pulled out the moment its interface is to be used", () => {
  const world = new World({ seed: 42 });
  world.hub();
  const branch = new BranchUnderDiagnosis(world);
  branch.socketFault = () => interfaceMissing("wwan0");
  branch.start();
  world.runFor(seconds(5));

  expectOnly(branch.diagnose(), "source-vanished", /interface wwan0 does not exist/);
});

function connected(seed: number, changes = {}, subnets = defaultHub.handout?.subnets ?? []) {
  const world = new World({ seed });
  const networks = ["0.0.0.0/0" as Prefix];
  world.hub("hub1", { networks, handout: { ipv4: ASSIGNED, dns: [], domains: [], subnets } });
  const branch = new BranchUnderDiagnosis(world, changes).start();
  world.runUntil(() => branch.isUp);
  world.runFor(seconds(5));
  return { world, branch };
}

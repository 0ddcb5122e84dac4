/** Backup gateways that a hub pushes in the configuration payload of IKE_AUTH. IOS: backup-gateway of a policy */
import { expect, test } from "vitest";
import { assertOneTunnel, lastFromBranch } from "#test/support/assertions.ts";
import { connection } from "#test/support/connection.ts";
import { ATTRIBUTE } from "#test/support/virtual-hub/configuration.ts";
import type { HubSettings } from "#test/support/virtual-hub/core.ts";
import { find, PAYLOAD, readCp } from "#test/support/virtual-hub/wire.ts";
import { defaultHub, World } from "#test/support/world.ts";

const pushing = (...backupServers: readonly (string | Uint8Array)[]): Partial<HubSettings> => ({
  handout: { ...defaultHub.handout, backupServers },
});

function askedFor(hub: ReturnType<World["hub"]>): readonly number[] {
  const { payloads } = lastFromBranch(hub, "IKE_AUTH", "request");
  const request = find(payloads, PAYLOAD.CP);
  return request ? readCp(request.body).attributes.map(({ type }) => type) : [];
}

test("a FlexVPN hub is asked for its backup gateways", () => {
  const world = new World({ seed: 1 });
  const { hub } = world.connected({ hub: { vendorIds: ["FLEXVPN-SUPPORTED"] } });
  expect(askedFor(hub)).toContain(ATTRIBUTE.BACKUP_SERVERS);
});

test("a FlexVPN hub is asked for its backup gateways even when no address is wanted", () => {
  const world = new World({ seed: 2 });
  const { hub } = world.connected({
    hub: { vendorIds: ["FLEXVPN-SUPPORTED"] },
    connection: { request: { ipv4: false, ipv6: false } },
  });
  expect(askedFor(hub)).toContain(ATTRIBUTE.BACKUP_SERVERS);
});

test("a hub that is no Cisco is not asked for attributes of Cisco's", () => {
  const world = new World({ seed: 3 });
  const { hub } = world.connected();
  expect(askedFor(hub)).not.toContain(ATTRIBUTE.BACKUP_SERVERS);
});

test("gateways that a hub pushes are in the outcome, in its order, asked for or not", () => {
  for (const vendorIds of [["FLEXVPN-SUPPORTED"], []]) {
    const world = new World({ seed: 4 });
    const { hub, branch } = world.connected({
      hub: { ...pushing("203.0.113.2", "hub3.example.net", "2001:db8::4"), vendorIds },
    });
    expect(branch.outcome?.backupServers).toEqual([
      "203.0.113.2",
      "hub3.example.net",
      "2001:db8::4",
    ]);
    assertOneTunnel(branch, hub);
    world.close();
  }
});

test("a hub that pushes none leaves the list empty", () => {
  const world = new World({ seed: 5 });
  const { branch } = world.connected();
  expect(branch.outcome?.backupServers).toEqual([]);
});

test("each hub pushes its own list, and a new session has that of its hub", () => {
  const world = new World({ seed: 6 });
  const { branch } = world.connected({ hub: pushing("203.0.113.2") });
  const hub2 = world.hub("hub2", pushing("203.0.113.1", "203.0.113.3"));
  branch.terminate();
  world.runUntil(() => branch.down !== undefined);
  branch.connect(connection(), hub2.address);
  world.runUntil(() => branch.isUp);
  expect(branch.outcomes.map(({ backupServers }) => backupServers)).toEqual([
    ["203.0.113.2"],
    ["203.0.113.1", "203.0.113.3"],
  ]);
});

test("gateways that are no addresses or names are left out with one warning, and the session comes up", () => {
  const world = new World({ seed: 7 });
  const { hub, branch } = world.connected({
    hub: pushing("203.0.113.2", "hub 3;reboot", Uint8Array.of(0xcb, 0, 0x71), "203.0.113.4"),
  });
  expect(branch.outcome?.backupServers).toEqual(["203.0.113.2", "hub", "203.0.113.4"]);
  const warnings = branch.events.filter(({ severity }) => severity === "warning");
  expect(warnings.map(({ mnemonic }) => mnemonic)).toEqual(["FLEXSPOKE-4-BACKUP_GATEWAY_UNUSABLE"]);
  expect(warnings[0]?.message).toContain("3;reboot, bytes cb0071");
  assertOneTunnel(branch, hub);
});

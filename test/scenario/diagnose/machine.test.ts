/** What this machine can't do, told by the daemon's own judges of kernel, rights and ports. */
import { expect, test } from "vitest";
import { seconds } from "#lib/duration.ts";
import { missingFault, neededParts } from "#linux/kernel/requirements.ts";
import { addressInUse, socketFault } from "#linux/socket/socket-fault.ts";
import { BranchUnderDiagnosis } from "#test/support/diagnosis/branch-under-diagnosis.ts";
import { expectOnly } from "#test/support/diagnosis/expectations.ts";
import { World } from "#test/support/world.ts";

const use = { encryption: [20], firewall: true, nat: true, ipv6: false };

test("a kernel without a module that the tunnel needs", () => {
  const { branch } = branchWith(50);
  const parts = neededParts(use).filter(({ module }) => module === "xfrm_interface");
  const fault = missingFault(parts, { release: "6.1.0", present: new Set(), crypto: new Set() });
  if (!fault) throw new Error("nothing is missing");
  branch.giveFlexvpn({ kind: "dataplane-fault", client: "hq", fault });

  const words = /can't do what the tunnel needs: the kernel 6\.1\.0 lacks xfrm_interface/;
  const finding = expectOnly(branch.diagnose(), "kernel-module-missing", words);
  expect(finding.remedy).toMatch(/kmod-xfrm-interface/);
});

test("the same told once by the machine, and only the client's reason", () => {
  const { branch } = branchWith(51);
  const parts = neededParts(use).filter(({ module }) => module === "xfrm_user");
  const fault = missingFault(parts, { release: "6.1.0", present: new Set(), crypto: new Set() });
  if (!fault) throw new Error("nothing is missing");
  branch.giveFlexvpn({ kind: "dataplane-fault", client: "hq", fault: { ...fault, isTold: true } });
  branch.surroundings = { machine: { faults: [fault] } };

  expectOnly(branch.diagnose(), "kernel-module-missing", /lacks xfrm_user/);
});

test("a daemon that may not open its sockets", () => {
  const { branch } = branchWith(52, (remote) =>
    socketFault({ port: 500, family: 4, address: remote }, "bind the socket", "EACCES"),
  );

  const finding = expectOnly(branch.diagnose(), "permission-missing", /EACCES/);
  expect(finding.remedy).toMatch(/CAP_NET_ADMIN/);
});

test("another IKE daemon on the port", () => {
  const { branch } = branchWith(53, (address) =>
    addressInUse({ port: 500, family: 4, address }, { program: "charon", pid: 4711 }),
  );

  expectOnly(branch.diagnose(), "port-taken", /taken by charon \(process 4711\)/);
});

test("firewall rules that nft refuses", () => {
  const { branch } = branchWith(54);
  branch.giveFlexvpn({
    kind: "dataplane-fault",
    client: "hq",
    fault: {
      code: "kernel.rejected",
      what: "could not set the firewall rules: nft says: Could not process rule: No such file or directory",
      remedy: "load nft_chain_nat",
    },
  });

  expectOnly(branch.diagnose(), "firewall-refused", /neither translated nor guarded.*nft says/);
});

test("an address that the kernel refuses because something is in its way", () => {
  const { branch } = branchWith(55);
  branch.giveFlexvpn({
    kind: "dataplane-fault",
    client: "hq",
    fault: {
      code: "kernel.conflict",
      what: "can't create Tunnel0: an interface of that name exists",
      remedy: "remove it: ip link delete Tunnel0",
    },
  });

  const finding = expectOnly(
    branch.diagnose(),
    "kernel-refused",
    /an interface of that name exists/,
  );
  expect(finding.remedy).toMatch(/ip link delete Tunnel0/);
});

test("a kernel setting that keeps packets of the LAN from passing, while all else is well", () => {
  const { branch, world } = branchWith(56);
  world.runUntil(() => branch.isUp);
  const what =
    "with the kernel setting net.ipv6.conf.all.forwarding as it is, no IPv6 packet of an inside network is forwarded";
  const remedy = "sysctl -w net.ipv6.conf.all.forwarding=1";
  branch.surroundings = { machine: { settings: [{ code: "kernel.setting", what, remedy }] } };

  expectOnly(branch.diagnose(), "kernel-setting", /no IPv6 packet .* is forwarded/);
});

test("a firewall of this machine that drops what is forwarded", () => {
  const { branch, world } = branchWith(57, undefined, { client: { inside: ["br-lan"] } });
  world.runUntil(() => branch.isUp);
  branch.surroundings = { machine: { droppingForwardChains: ["inet filter forward"] } };

  expectOnly(
    branch.diagnose(),
    "lan-not-forwarded",
    /inet filter forward.* none of its rules names br-lan/,
  );
});

function branchWith(
  seed: number,
  fault?: BranchUnderDiagnosis["socketFault"],
  changes = {},
): { world: World; branch: BranchUnderDiagnosis } {
  const world = new World({ seed });
  world.hub();
  const branch = new BranchUnderDiagnosis(world, changes);
  branch.socketFault = fault;
  branch.start();
  world.runFor(seconds(1));
  return { world, branch };
}

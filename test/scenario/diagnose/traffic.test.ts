/** Sessions that are up and lose packets. What the kernel counts is given; `test/system/diagnose.test.ts` has the kernel itself. */
import { expect, test } from "vitest";
import { minutes, seconds } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import type { TrafficFacts } from "#state/diagnose/evidence.ts";
import { BranchUnderDiagnosis } from "#test/support/diagnosis/branch-under-diagnosis.ts";
import { expectOnly } from "#test/support/diagnosis/expectations.ts";
import { BRANCH_ADDRESS, World } from "#test/support/world.ts";

const OUTSIDE = "198.51.100.77" as IpAddress;

function connected(seed: number, isBehindNat = false, changes = {}) {
  const world = new World({ seed });
  const hub = world.hub();
  const nat = isBehindNat ? world.link.natFor(BRANCH_ADDRESS, OUTSIDE) : undefined;
  const branch = new BranchUnderDiagnosis(world, changes).start();
  world.runUntil(() => branch.isUp);
  world.runFor(seconds(5));
  return { world, hub, branch, nat };
}

function watch(branch: BranchUnderDiagnosis, seen: Partial<TrafficFacts>): void {
  const session = branch.evidence.document.ike[0]?.session ?? 0;
  const quiet = { packetsIn: 0, packetsOut: 0, replayDrops: 0, integrityFailures: 0 };
  branch.surroundings = { traffic: [{ session, answersIke: true, ...quiet, ...seen }] };
}

test("ESP that is blocked while IKE passes", () => {
  const { branch } = connected(190);
  watch(branch, { packetsOut: 20 });

  expectOnly(branch.diagnose(), "esp-blocked", /of 20 packets .* IP protocol 50, is blocked/);
});

test("ESP in UDP that nobody answers while IKE passes", () => {
  const { branch } = connected(191, true);
  watch(branch, { packetsOut: 20 });

  expectOnly(branch.diagnose(), "esp-in-udp-one-way", /no way back for the address/);
});

test("a tunnel that nobody uses is no fault", () => {
  const { branch } = connected(192);
  watch(branch, { packetsOut: 1 });

  expect(branch.diagnose().findings).toEqual([]);
});

test("a tunnel whose hub does not answer on IKE either says nothing about ESP", () => {
  const { branch } = connected(193);
  watch(branch, { packetsOut: 20, answersIke: false });

  expect(branch.diagnose().findings).toEqual([]);
});

test("packets that come too late for the replay window", () => {
  const { branch } = connected(194);
  watch(branch, { packetsOut: 900, packetsIn: 900, replayDrops: 100 });

  const words = /100 of 1000 packets .* more than 512 packets late/;
  const finding = expectOnly(branch.diagnose(), "replay-drops", words);
  expect(finding.remedy).toMatch(/`replay-window`/);
});

test("packets that arrive spoiled", () => {
  const { branch } = connected(195);
  watch(branch, { packetsOut: 900, packetsIn: 900, integrityFailures: 3 });

  expectOnly(branch.diagnose(), "integrity-failures", /3 packets .* failed their check/);
});

test("large packets that vanish on the way, and no router says so", () => {
  const { branch } = connected(196);
  const address = "203.0.113.1" as IpAddress;
  const size = { passes: 1_400, lost: 1_500, isTold: false };
  const tunnels = { Tunnel0: { state: "up", mtu: 1_422, addresses: [] } } as const;
  const document = { ...branch.evidence.document, tunnels };
  branch.surroundings = { document, ways: [{ host: address, address, refusals: [], size }] };

  const words = /of 1500 bytes vanish .* those of 1400 pass, and no router tells/;
  const finding = expectOnly(branch.diagnose(), "mtu-black-hole", words);
  expect(finding.remedy).toMatch(/`mtu: 1328` of Tunnel0/);
});

test("a smaller line whose router tells is no fault", () => {
  const { branch } = connected(197);
  const address = "203.0.113.1" as IpAddress;
  const size = { passes: 1_400, lost: 1_500, isTold: true };
  branch.surroundings = { ways: [{ host: address, address, refusals: [], size }] };

  expect(branch.diagnose().findings).toEqual([]);
});

test("a NAT that forgot the branch between keepalives that are too rare", () => {
  const profile = {
    "nat-keepalive": "10m",
    dpd: { interval: "10m", mode: "periodic", retry: "2s" },
  };
  const { world, branch, nat } = connected(198, true, { profile });
  // The NAT forgets while nothing is sent, and the hub goes on to answer where the branch was.
  nat?.rebind("198.51.100.78" as IpAddress);
  world.link.loseWhere(({ from }) => from.address === "203.0.113.1");
  world.runUntil(() => !branch.isUp, { within: minutes(30) });

  const words = /goes through a NAT, and keepalives are sent every 600 s only/;
  expectOnly(branch.diagnose(), "nat-mapping-expired", words);
});

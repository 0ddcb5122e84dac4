/** The way to the hub: what is blocked, silent or refused on it, and what the branch says of it. */
import { expect, test } from "vitest";
import { RefusedDatagrams } from "#daemon/refused-datagrams.ts";
import { minutes, seconds } from "#lib/duration.ts";
import type { IpAddress } from "#lib/ip.ts";
import { sendFault } from "#linux/socket/socket-fault.ts";
import type { WayFacts } from "#state/diagnose/evidence.ts";
import { BranchUnderDiagnosis } from "#test/support/diagnosis/branch-under-diagnosis.ts";
import { certified } from "#test/support/diagnosis/certified.ts";
import { expectOnly } from "#test/support/diagnosis/expectations.ts";
import type { Datagram } from "#test/support/link.ts";
import { EXCHANGE } from "#test/support/virtual-hub/wire.ts";
import { BRANCH_ADDRESS, World } from "#test/support/world.ts";

const OUTSIDE = "198.51.100.77" as IpAddress;
const hubAddress = "203.0.113.1" as IpAddress;
const way: WayFacts = {
  host: hubAddress,
  address: hubAddress,
  route: { device: "wan0", gateway: "192.0.2.1" as IpAddress },
  refusals: [],
};

/** A branch whose path loses this, after it has tried. */
function losing(
  seed: number,
  loses: (datagram: Datagram) => boolean,
  ways: readonly WayFacts[] = [],
) {
  const world = new World({ seed });
  world.hub();
  world.link.loseWhere(loses);
  const branch = new BranchUnderDiagnosis(world).start();
  branch.surroundings = { ways };
  world.runFor(seconds(20));
  return { world, branch };
}

const everything = () => true;

test("a hub that is silent, and nothing else known of it", () => {
  const { branch } = losing(80, everything);

  expectOnly(branch.diagnose(), "hub-silent", /IKE_SA_INIT went out and nothing came back/);
});

test("a hub that answers no ping either", () => {
  const { branch } = losing(81, everything, [{ ...way, answersPing: false, gatewayAnswers: true }]);

  const finding = expectOnly(
    branch.diagnose(),
    "hub-silent",
    /The hub is down, its address is wrong/,
  );
  expect(finding.evidence.at(-1)?.text).toMatch(/by wan0 over 192\.0\.2\.1: answers no ping/);
});

test("UDP port 500 blocked on the way to a hub that answers pings", () => {
  const blocked = ({ to, from }: Datagram) => to.port === 500 || from.port === 500;
  const { branch } = losing(82, blocked, [{ ...way, answersPing: true }]);

  expectOnly(branch.diagnose(), "udp-500-blocked", /answers pings, but none of .* UDP port 500/);
});

test("UDP port 4500 blocked behind a NAT", () => {
  const world = new World({ seed: 83 });
  world.hub();
  world.link.natFor(BRANCH_ADDRESS, OUTSIDE);
  world.link.loseWhere(({ to, from }) => to.port === 4500 || from.port === 4500);
  const branch = new BranchUnderDiagnosis(world).start();
  branch.surroundings = { ways: [{ ...way, answersPing: true }] };
  world.runFor(seconds(20));

  expectOnly(branch.diagnose(), "udp-4500-blocked", /on UDP port 500, but none of .* port 4500/);
});

test("a host that says nothing listens there", () => {
  const { branch } = losing(84, everything, [
    { ...way, answersPing: true, refusals: [{ port: 500, errno: "ECONNREFUSED" }] },
  ]);

  expectOnly(branch.diagnose(), "nothing-listens-at-hub", /nothing listens on UDP port 500/);
});

test("a router that says the hub can't be reached", () => {
  const { branch } = losing(85, everything, [
    { ...way, answersPing: false, refusals: [{ port: 500, errno: "EHOSTUNREACH" }] },
  ]);

  expectOnly(branch.diagnose(), "way-prohibited", /answers that it can't be reached/);
});

test("a next router that does not answer", () => {
  const { branch } = losing(86, everything, [
    { ...way, answersPing: false, gatewayAnswers: false },
  ]);

  expectOnly(branch.diagnose(), "gateway-silent", /next router, 192\.0\.2\.1 on wan0/);
});

test("a hub that answers the first exchange and then no more", () => {
  const world = new World({ seed: 87 });
  const match = { exchange: EXCHANGE.IKE_AUTH, isResponse: true };
  world.hub().impair({ kind: "drop", match });
  const branch = new BranchUnderDiagnosis(world).start();
  world.runFor(seconds(20));

  expectOnly(branch.diagnose(), "hub-silent-on-auth", /answers IKE_SA_INIT but not IKE_AUTH/);
});

test("fragments dropped on the way, with certificates and a hub that does not cut IKE itself", () => {
  const world = new World({ seed: 88 });
  const { hub, changes } = certified({ key: "rsa-2048" });
  world.hub("hub1", { ...hub, fragmentMtu: undefined as never });
  world.link.loseWhere(({ bytes }) => bytes.length > 1_000);
  const branch = new BranchUnderDiagnosis(world, changes).start();
  world.runFor(seconds(20));

  const finding = expectOnly(branch.diagnose(), "fragments-dropped", /fragments are dropped/);
  expect(finding.remedy).toMatch(/At the hub: switch IKE fragmentation on/);
});

test("the same with fragmentation switched off here", () => {
  const world = new World({ seed: 89 });
  const { hub, changes } = certified({ key: "rsa-2048" });
  world.hub("hub1", hub);
  world.link.loseWhere(({ bytes }) => bytes.length > 1_000);
  const profile = { ...changes.profile, fragmentation: false };
  const branch = new BranchUnderDiagnosis(world, { ...changes, profile }).start();
  world.runFor(seconds(20));

  const finding = expectOnly(branch.diagnose(), "fragments-dropped", /fragments are dropped/);
  expect(finding.remedy).toMatch(/switch `fragmentation` of the profile on/);
});

test("a firewall of this machine that refuses its own IKE", () => {
  const { branch, world } = losing(90, everything);
  const told = new RefusedDatagrams((event) => branch.events.record(event));
  told.note(sendFault("203.0.113.1:500", "EPERM"), world.clock.now);

  const finding = expectOnly(branch.diagnose(), "datagrams-refused", /refuses to send IKE.*EPERM/);
  expect(finding.remedy).toMatch(/allow UDP 500 and 4500/);
});

test("a hub that dies while the session is up: DPD gave up", () => {
  const world = new World({ seed: 91 });
  const hub = world.hub();
  const branch = new BranchUnderDiagnosis(world).start();
  world.runUntil(() => branch.isUp);
  world.runFor(seconds(5));
  hub.unplug();
  world.runUntil(() => !branch.isUp, { within: minutes(5) });

  expectOnly(
    branch.diagnose(),
    "hub-stopped-answering",
    /stopped answering while the session was up/,
  );
});

test("the same with a hub that answers pings again: it may have restarted", () => {
  const world = new World({ seed: 92 });
  const hub = world.hub();
  const branch = new BranchUnderDiagnosis(world).start();
  branch.surroundings = { ways: [{ ...way, answersPing: true }] };
  world.runUntil(() => branch.isUp);
  hub.unplug();
  world.runUntil(() => !branch.isUp, { within: minutes(5) });

  expectOnly(
    branch.diagnose(),
    "hub-stopped-answering",
    /answers pings now, so it may have restarted/,
  );
});

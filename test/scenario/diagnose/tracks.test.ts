/** Track objects and probes that hold a client back: the real track and probe engines decide. */
import { expect, test } from "vitest";
import { seconds } from "#lib/duration.ts";
import { BranchUnderDiagnosis } from "#test/support/diagnosis/branch-under-diagnosis.ts";
import { expectOnly } from "#test/support/diagnosis/expectations.ts";
import { World } from "#test/support/world.ts";

function branchIn(
  seed: number,
  changes: Record<string, unknown>,
  prepare?: (branch: BranchUnderDiagnosis) => void,
) {
  const world = new World({ seed });
  world.hub();
  const branch = new BranchUnderDiagnosis(world, changes);
  prepare?.(branch);
  branch.start();
  world.runFor(seconds(30));
  return { world, branch };
}

const sla = { "hub1-echo": { "icmp-echo": "203.0.113.1", frequency: "5s", timeout: "1s" } };

test("an object of an interface that keeps the whole client waiting", () => {
  const track = { wan1: { interface: "wan1", check: "line-protocol" } };
  const { branch } = branchIn(150, { track, client: { connect: { track: "wan1", state: "up" } } });

  const finding = expectOnly(branch.diagnose(), "track-holds-client", /while track wan1 is up/);
  expect(finding.remedy).toMatch(/flexspoke show track wan1/);
});

test("objects that hold every peer", () => {
  const track = { wan1: { interface: "wan1", check: "line-protocol" } };
  const peers = [{ address: "203.0.113.1", track: "wan1" }];
  const { branch } = branchIn(151, { track, client: { peers } });

  expectOnly(
    branch.diagnose(),
    "track-holds-every-peer",
    /No peer may be used: track wan1 is down/,
  );
});

test("objects that hold every source interface", () => {
  const track = { route: { route: "198.51.100.0/24", check: "reachability" } };
  const source = [{ interface: "wan0", track: "route" }];
  const { branch } = branchIn(152, { track, client: { source } });

  const words = /No source interface may be used: track route is down/;
  expectOnly(branch.diagnose(), "track-holds-every-source", words);
});

test("a probe that fails is named with what it got, whatever hangs on it", () => {
  const track = {
    hub1: { sla: "hub1-echo", check: "reachability" },
    wan0: { interface: "wan0", check: "line-protocol" },
    all: { boolean: "wan0 and hub1" },
  };
  const client = { peers: [{ address: "203.0.113.1", track: "all" }] };
  const { branch } = branchIn(153, { sla, track, client }, ({ watchers }) => {
    watchers.probe = () => undefined;
  });

  const words = /the probe hub1-echo says timeout from 203\.0\.113\.1/;
  const finding = expectOnly(branch.diagnose(), "probe-fails", words);
  expect(finding.evidence.map(({ kind }) => kind)).toEqual(["probe", "track"]);
});

test("a probe that is refused says so", () => {
  const track = { hub1: { sla: "hub1-echo", check: "reachability" } };
  const client = { connect: { track: "hub1", state: "up" } };
  const { branch } = branchIn(154, { sla, track, client }, ({ watchers }) => {
    watchers.probe = ({ sequence }) => ({
      kind: "failed",
      sequence,
      code: "no-connection",
      reason: "203.0.113.1 can't be reached: EHOSTUNREACH",
    });
  });

  expectOnly(branch.diagnose(), "probe-fails", /no-connection .*EHOSTUNREACH/);
});

test("a stub object that was set for maintenance and forgotten", () => {
  const track = {
    maintenance: { stub: "down" },
    wan0: { interface: "wan0", check: "line-protocol" },
    usable: { boolean: "wan0 and not maintenance" },
  };
  const client = { connect: { track: "usable", state: "up" } };
  const { branch, world } = branchIn(155, { track, client });
  expect(branch.isUp).toBe(true);
  branch.watchers.giveTrack({
    kind: "set-stub",
    object: "maintenance",
    state: "up",
    by: "command line",
  });
  world.runFor(seconds(5));

  const finding = expectOnly(branch.diagnose(), "stub-holds", /maintenance was set up, as for/);
  expect(finding.remedy).toMatch(/flexspoke track set maintenance down/);
});

test("objects that are as they should be are not spoken of", () => {
  const track = { hub1: { sla: "hub1-echo", check: "reachability" } };
  const client = { peers: [{ address: "203.0.113.1", track: "hub1" }] };
  const { branch } = branchIn(156, { sla, track, client });

  expect(branch.isUp).toBe(true);
  expect(branch.diagnose().findings).toEqual([]);
});

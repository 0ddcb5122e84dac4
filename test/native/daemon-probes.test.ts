/**
 * Probes in the whole daemon: what the network does becomes a return code, a track object's state, and a chain of events
 * that says so; a reload touches only what changed. The data plane plays no part: no kernel ability is needed.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StoredEvent } from "#state/document.ts";
import type { SlaDetail } from "#state/document-sla.ts";
import { hubs } from "#test/lab/addresses.ts";
import { Branch, pskBranch } from "#test/lab/branch.ts";
import { localMachine } from "#test/lab/local-machine.ts";
import { until } from "#test/lab/machine.ts";
import type { Settings } from "#test/lab/merge.ts";
import { Topology } from "#test/lab/topology.ts";

const topology = new Topology(localMachine(), { namespaces: true, xfrm: false });
const branch = new Branch(topology);

const probes = (more: Settings = {}): Settings => ({
  sla: {
    "hub1-echo": { "icmp-echo": hubs.hub1.ipv4, "source-interface": "wan1", ...quick },
    "hub1-by-wan2": { "icmp-echo": hubs.hub1.ipv4, "source-interface": "wan2", ...quick },
    ...more,
  },
  track: { hub1: { sla: "hub1-echo", check: "reachability" } },
});
const quick: Settings = { frequency: "400ms", timeout: "400ms", threshold: "400ms" };

beforeAll(async () => {
  await topology.up();
  await branch.start(pskBranch({ clients: { hq: { connect: "manual" } }, ...probes() }));
});
afterAll(async () => {
  await topology.down();
  await topology.machine.close();
});

async function detail(name: string): Promise<SlaDetail> {
  return JSON.parse((await branch.cli("show", "sla", name, "--json")).stdout);
}

/** Waits until an operation has this return code. */
function untilCode(name: string, code: string): Promise<unknown> {
  return until(
    `${name} returns ${code}`,
    async () => (await detail(name))["return-code"] === code,
    20_000,
    async () => JSON.stringify([await detail(name), await branch.events()], null, 1),
  );
}

const about = (events: readonly StoredEvent[], mnemonic: string, words: RegExp) =>
  events.findLast((event) => event.mnemonic === mnemonic && words.test(event.message));

test("a hub that falls silent is a timeout, then a track object's fall that names it as its cause", async () => {
  await untilCode("hub1-echo", "ok");
  await untilCode("hub1-by-wan2", "ok");
  await topology.must("hub1", [
    "nft",
    "add table ip s9; add chain ip s9 i { type filter hook input priority 0; policy drop; }",
  ]);
  await untilCode("hub1-echo", "timeout");
  const events = await branch.events();
  await topology.must("hub1", ["nft", "delete table ip s9"]);
  await untilCode("hub1-echo", "ok");

  const probe = about(
    events,
    "FLEXSPOKE-6-SLA_STATE",
    /^ip sla hub1-echo OK -> Timeout: no answer/,
  );
  const track = about(events, "TRACK-6-STATE", /^hub1 .*Up -> Down/);
  expect(probe?.data).toMatchObject({ sla: "hub1-echo", from: "ok", to: "timeout" });
  expect(track?.data["cause"]).toBe(probe?.id);
});

test("an interface that goes down is the cause of its probe's failure, and no other probe's", async () => {
  await untilCode("hub1-echo", "ok");
  const before = await detail("hub1-echo");
  await topology.must("branch", ["ip", "link", "set", "wan2", "down"]);
  await untilCode("hub1-by-wan2", "no-connection");
  const events = await branch.events();
  await topology.must("branch", ["ip", "link", "set", "wan2", "up"]);

  const link = about(events, "LINK-3-UPDOWN", /wan2 went down/);
  const probe = about(events, "FLEXSPOKE-6-SLA_STATE", /hub1-by-wan2.*the interface wan2 is down/);
  expect(probe?.data["cause"]).toBe(link?.id);
  expect(await detail("hub1-echo")).toMatchObject({
    since: before.since,
    failures: before.failures,
  });
});

test("a reload leaves an operation that did not change alone and begins a new one", async () => {
  await untilCode("hub1-echo", "ok");
  const { since } = await detail("hub1-echo");
  const portal = { "tcp-connect": `${hubs.hub1.ipv4}:1`, frequency: "1s" };
  await branch.configure(
    pskBranch({ clients: { hq: { connect: "manual" } }, ...probes({ portal }) }),
  );
  branch.reload();
  await until(
    "the new operation is there",
    async () => (await branch.cli("show", "sla")).stdout.includes("portal"),
    20_000,
    async () => branch.log(),
  );
  await untilCode("portal", "no-connection");

  expect((await detail("portal")).reason).toBe(`${hubs.hub1.ipv4}:1 refuses the connection`);
  expect((await detail("hub1-echo")).since).toBe(since);
  expect((await detail("hub1-echo")).history.results.length).toBeGreaterThan(5);
});

test("IOS's spelling shows the same", async () => {
  await untilCode("hub1-echo", "ok");
  const { stdout } = await branch.cli("show", "ip", "sla", "statistics", "hub1-echo");
  expect(stdout).toMatch(/^IPSLAs Latest Operation Statistics\n\nIPSLA operation id: hub1-echo\n/);
  expect(stdout).toMatch(/Latest operation return code: OK/);
});

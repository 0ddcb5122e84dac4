/**
 * Track objects of the whole daemon, told by the real kernel and real scripts, seen as an operator sees them. No tunnel is
 * needed: the client is one that nobody starts.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { StoredEvent } from "#state/document.ts";
import { Branch, pskBranch } from "#test/lab/branch.ts";
import { localMachine } from "#test/lab/local-machine.ts";
import { until } from "#test/lab/machine.ts";
import type { Settings } from "#test/lab/merge.ts";
import { Topology } from "#test/lab/topology.ts";

const topology = new Topology(localMachine(), { namespaces: true, xfrm: false });
const branch = new Branch(topology);

const objects = {
  wan1: { interface: "wan1", check: "ip-routing" },
  uplink: { route: "0.0.0.0/0" },
  cheap: { route: "0.0.0.0/0", "metric-threshold": { up: 10, down: 20 } },
  line: { script: ["checks/line"], frequency: "1s", timeout: "900ms" },
  maintenance: { stub: "down" },
  primary: { boolean: "wan1 and cheap and not maintenance", delay: { up: "1s" } },
  tunnel: { interface: "Tunnel0" },
  gateway: { sla: "gateway", check: "reachability" },
} satisfies Settings;

/** A probe of the first uplink's gateway. */
const sla = {
  gateway: {
    "icmp-echo": "198.51.100.1",
    frequency: "500ms",
    timeout: "300ms",
    threshold: "200ms",
  },
} satisfies Settings;

const tracked = (track: Settings = objects) =>
  pskBranch({ sla, track, clients: { hq: { connect: "manual" } } });

const inBranch = (command: string) => topology.must("branch", command);

/** Writes what the script does from its next run on. */
const line = (text: string) =>
  topology.machine.writeFile(
    `${topology.folder}/branch/checks/line`,
    `#!/bin/sh\n${text}\n`,
    0o700,
  );

const state = async (name: string) => (await branch.state()).track[name];

const untilState = (name: string, wanted: "up" | "down") =>
  until(
    `${name} is ${wanted}`,
    async () => {
      const found = await state(name);
      return found?.state === wanted && found;
    },
    20_000,
    async () => JSON.stringify([(await branch.state()).track, await branch.events()], null, 1),
  );

const changesOf = async (name: string): Promise<readonly StoredEvent[]> =>
  (await branch.events()).filter(
    ({ mnemonic, data }) => mnemonic === "TRACK-6-STATE" && data["object"] === name,
  );

beforeAll(async () => {
  await topology.up();
  await branch.configure(tracked());
  await line("exit 0");
  await branch.run();
}, 120_000);
afterAll(async () => {
  await branch.stop();
  await topology.down();
  await topology.machine.close();
});
beforeEach(async () => {
  await untilState("wan1", "up");
  await untilState("cheap", "up");
  await untilState("primary", "up");
  await untilState("line", "up");
});

test("a cable that is pulled takes its objects down, and the events tell the chain", async () => {
  await topology.must("internet", "ip link set to-wan1 down");
  const wan1 = await untilState("wan1", "down");
  expect(wan1).toMatchObject({ reason: "wan1 is down", "last-cause": "interface:wan1" });
  await untilState("cheap", "down");
  await untilState("primary", "down");

  const events = await branch.events();
  const link = events.findLast(({ data }) => data["interface"] === "wan1");
  const [ofInterface] = (await changesOf("wan1")).slice(-1);
  const [ofList] = (await changesOf("primary")).slice(-1);
  expect(link).toMatchObject({ mnemonic: "LINK-3-UPDOWN", data: { state: "down" } });
  expect(ofInterface?.data["cause"]).toBe(link?.id);
  expect(ofList?.data["cause"]).toBe(ofInterface?.id);
  expect(ofList?.message).toBe("primary list boolean Up -> Down: wan1 is down");
  // The other uplink is worse and still a way out.
  expect(await state("uplink")).toMatchObject({
    state: "up",
    reason: "0.0.0.0/0 is reachable by 198.51.100.5 on wan2",
  });

  await topology.must("internet", "ip link set to-wan1 up");
  await untilState("wan1", "up");
});

test("an address that goes takes IP routing down, and back with it", async () => {
  const address = "198.51.100.2/30 dev wan1";
  await inBranch(`ip address delete ${address}`);
  expect(await untilState("wan1", "down")).toMatchObject({ reason: "wan1 has no IPv4 address" });
  await inBranch(`ip address add ${address}; ip route add default via 198.51.100.1 metric 100`);
  await untilState("wan1", "up");
});

test("a worse metric is down from the threshold on", async () => {
  await inBranch("ip route add default via 198.51.100.1 metric 300");
  await inBranch("ip route delete default via 198.51.100.1 metric 100");
  await inBranch("ip route delete default via 198.51.100.5");
  // Of the three changes the second alone leaves another route that is too bad, for a moment.
  await expect
    .poll(async () => (await untilState("cheap", "down")).reason)
    .toBe("the scaled metric of 0.0.0.0/0 is 30, from 20 on is down");
  await inBranch(
    `ip route add default via 198.51.100.1 metric 100
     ip route delete default via 198.51.100.1 metric 300
     ip route add default via 198.51.100.5 metric 200`,
  );
  await untilState("cheap", "up");
});

test("a stub object is set on the command line, and what follows it says so", async () => {
  const set = await branch.cli("track", "set", "maintenance", "up");
  expect(set.code).toBe(0);
  const event = Number(/\(event (\d+)\)/.exec(set.stdout)?.[1]);
  await untilState("primary", "down");

  const [request, ofStub, ofList] = (await branch.events()).filter(({ id }) => id >= event);
  expect(request?.mnemonic).toBe("FLEXSPOKE-5-TRACK_REQUEST");
  expect(ofStub?.data["cause"]).toBe(request?.id);
  expect(ofList?.data["cause"]).toBe(ofStub?.id);
  expect(await state("primary")).toMatchObject({ reason: "maintenance is up" });

  await branch.action("track/maintenance", { state: "down" });
  const waiting = await state("primary");
  expect(waiting).toMatchObject({ state: "down", pending: { state: "up" } });
  await untilState("primary", "up");
});

test("a probe that is not answered takes its object down, and the event names the probe's", async () => {
  await untilState("gateway", "up");
  await topology.must("internet", "ip address delete 198.51.100.1/30 dev to-wan1");
  const down = await untilState("gateway", "down");
  expect(down).toMatchObject({ "last-cause": "sla:gateway" });

  const [change] = (await changesOf("gateway")).slice(-1);
  const cause = (await branch.events()).find(({ id }) => id === change?.data["cause"]);
  expect(cause?.message).toMatch(/^ip sla gateway OK -> /);
  await topology.must("internet", "ip address add 198.51.100.1/30 dev to-wan1");
  await untilState("gateway", "up");
  expect((await branch.cli("show", "track", "gateway")).stdout).toMatch(
    /\n {2}IP SLA gateway reachability\n {2}Reachability is Up .*\n.*\n {2}Latest operation return code: OK\n/,
  );
});

test("what is no stub object can't be set, and says why", async () => {
  const refused = await branch.cli("track", "set", "wan1", "down");
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/track wan1 goes by its interface: only a stub object/);
  expect((await branch.cli("track", "set", "nobody", "down")).stderr).toMatch(/no track named/);
  expect((await branch.cli("track", "set", "wan1", "sideways")).code).toBe(2);
});

test("a script decides by its exit status, and one that hangs is down and gone", async () => {
  await line("exit 3");
  expect(await untilState("line", "down")).toMatchObject({
    reason: "the script ended with status 3",
  });
  await line("exec sleep 4242");
  await until(
    "it counts as hanging",
    async () => (await state("line"))?.reason === "the script did not end within 900ms",
    20_000,
  );
  await line("exit 0");
  await untilState("line", "up");
  expect(
    await topology.must(
      "branch",
      "ip netns pids $(ip netns identify $$) | xargs ps -o args= -p | grep -c '[s]leep 4242' || true",
    ),
  ).toBe("0\n");
});

test("show track is the layout of IOS, brief a table, --json the same as data", async () => {
  const all = (await branch.cli("show", "track")).stdout;
  expect(all).toMatch(
    /^Track uplink\n {2}IP route 0\.0\.0\.0\/0 reachability\n {2}Reachability is Up /m,
  );
  expect(all).toMatch(
    /^Track primary\n {2}List boolean and \(wan1 and cheap and not maintenance\)\n/m,
  );
  expect((await branch.cli("show", "track", "brief")).stdout).toMatch(
    /^Track .*\nwan1 .* interface .*/,
  );
  const json = JSON.parse((await branch.cli("show", "track", "wan1", "--json")).stdout);
  expect(json).toMatchObject({ type: "interface", state: "up", "tracked-by": ["track primary"] });
  expect((await branch.cli("show", "track", "nobody")).code).toBe(1);
});

test("a tunnel of ours whose client is not up is down", async () => {
  expect(await state("tunnel")).toMatchObject({ state: "down", reason: "Tunnel0 is down" });
});

test("a new configuration keeps what did not change and knows the rest at once", async () => {
  const before = await state("wan1");
  await branch.configure(
    tracked({ ...objects, wan2: { interface: "wan2" }, second: { route: "198.51.100.4/30" } }),
  );
  branch.reload();
  await untilState("second", "up");
  expect(await state("wan2")).toMatchObject({ state: "up", changes: 0 });
  expect(await state("wan1")).toMatchObject({ since: before?.since, changes: before?.changes });
});

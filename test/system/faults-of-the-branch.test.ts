/** What can be wrong on the branch's side before any hub has spoken. */
import { expect } from "vitest";
import { pskBranch } from "#test/lab/branch.ts";
import { until } from "#test/lab/machine.ts";
import { mergeSettings, type Settings } from "#test/lab/merge.ts";
import { scenario } from "#test/lab/scenario.ts";
import type { Topology } from "#test/lab/topology.ts";
import { complaints, expectCleanEnd, expectFault } from "./fault-report.ts";

/** An attempt fails soon, and the next is far away. */
const hasty: Settings = {
  ikev2: { profiles: { hq: { retransmit: { initial: "200ms", factor: 1.2, limit: 2 } } } },
  clients: { hq: { backoff: { initial: "40s", max: "60s" } } },
};

scenario("a source interface that is not there is waited for", async ({ topology, branch }) => {
  await branch.start(pskBranch({ clients: { hq: { source: [{ seq: 1, interface: "wan9" }] } } }));
  await expectFault(branch, /^source\.interface-missing$/, /wan9.*`source`/);

  await topology.must(
    "branch",
    "ip link add wan9 type dummy && ip address add 192.0.2.9/24 dev wan9 && ip link set wan9 up",
  );

  const event = await branch.untilEvent("FLEXSPOKE-6-CONNECTING", 10_000);
  expect(event.data).toMatchObject({ source: "wan9" });
  await expectCleanEnd(branch);
});

const namedPeer: Settings = { clients: { hq: { peers: [{ seq: 10, fqdn: "hub9.lab" }] } } };

scenario("a name server that is silent is the reason", async ({ topology, branch, faults }) => {
  await nameServer(topology, "203.0.113.2");
  await faults.drop("hub1");
  await branch.start(pskBranch(mergeSettings(hasty, namedPeer)));

  await expectFault(branch, /^dns\.server-unreachable$/, /hub9\.lab/);
  await expectCleanEnd(branch);
});

scenario("a name that does not exist is the reason", async ({ topology, branch }) => {
  await nameServer(topology, "203.0.113.2");
  await topology.spawn("hub1", ["node", "-e", refuseEveryName]);
  await branch.start(pskBranch(mergeSettings(hasty, namedPeer)));

  await expectFault(branch, /^dns\.not-found$/, /hub9\.lab/);
  await expectCleanEnd(branch);
});

scenario("a hub that is silent is given up with one event", async ({ branch, faults }) => {
  await faults.drop("hub1");
  await branch.start(pskBranch(hasty));

  const client = await expectFault(branch, /^ike\..*(timeout|answer)/, /203\.0\.113\.2/);
  expect(client["next-retry"]).toBeTruthy();
  await expectCleanEnd(branch);
});

scenario("another IKE daemon on UDP 500 is named", async ({ topology, branch }) => {
  const other = await topology.spawn("branch", [
    ...["node", "-e"],
    'require("dgram").createSocket("udp4").bind(500, "0.0.0.0", () => console.log("bound"))',
  ]);
  await until("it is there", () => Promise.resolve(other.output().includes("bound")), 10_000);
  await branch.start(pskBranch(hasty));

  await expectFault(branch, /^socket\.address-in-use$/, /500 is taken by .*process \d+.*stop/);
  expect(await complaints(branch)).toHaveLength(1);
  await expectCleanEnd(branch);
});

/** The branch asks this name server only, and only once. */
function nameServer(topology: Topology, address: string): Promise<void> {
  const file = `/etc/netns/${topology.netns("branch")}/resolv.conf`;
  const text = `nameserver ${address}\noptions timeout:1 attempts:1\n`;
  return topology.machine.writeFile(file, text);
}

/** NXDOMAIN: the question comes back with the flags of an answer and that code. RFC 1035 §4.1.1 */
const refuseEveryName = `
  const socket = require("dgram").createSocket("udp4");
  socket.on("message", (question, from) => {
    question[2] |= 0x84;
    question[3] = 0x83;
    socket.send(question, from.port, from.address);
  });
  socket.bind(53);`;

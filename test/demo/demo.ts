/**
 * `make demo`: two real strongSwan hubs, a branch and hosts behind all of them; the branch's tunnel comes up, carries the
 * LAN translated and encrypted, and moves to the other hub when the first loses power. Every line printed was measured.
 */
import { hubs, lan, sharedHubAddress, uplinks } from "#test/lab/addresses.ts";
import { Branch, pskBranch } from "#test/lab/branch.ts";
import { type Forward, forwardPort } from "#test/lab/forward.ts";
import { kernelAbility } from "#test/lab/kernel-ability.ts";
import { localMachine } from "#test/lab/local-machine.ts";
import { type Machine, until } from "#test/lab/machine.ts";
import { Sniffer } from "#test/lab/sniffer.ts";
import { Strongswan } from "#test/lab/strongswan.ts";
import { pskHub } from "#test/lab/strongswan-config.ts";
import { Topology } from "#test/lab/topology.ts";
import { bootVirtualMachine, virtualMachineAt } from "#test/lab/virtual-machine.ts";
import { cheapHash } from "#test/page/cheap-hash.ts";
import { longestGap, pingResult } from "./ping.ts";
import { Report } from "./report.ts";

const report = new Report();
const cleanUp: (() => Promise<void> | void)[] = [];
const { hub1, hub2 } = hubs;
/** Of the status page; the lab is on no network but its own. */
const pagePassword = "demo";

async function findMachine(): Promise<Machine> {
  const host = localMachine();
  if ((await kernelAbility(host)).xfrm) return host;
  await host.close();
  const running = process.env["FLEXSPOKE_VM_SOCKET"];
  if (running) return virtualMachineAt(running);
  const vm = await bootVirtualMachine();
  cleanUp.push(() => vm.stop());
  return virtualMachineAt(vm.socketPath);
}

async function startLab(): Promise<{ topology: Topology; hubOf: Record<string, Strongswan> }> {
  report.heading("The lab");
  const machine = await report.step("start a machine whose kernel has ESP", async () => {
    const value = await findMachine();
    const kernel = (await value.must("uname -r")).trim();
    const place = value.kind === "vm" ? "a virtual machine" : "this host";
    return { found: `Linux ${kernel} in ${place}`, isTrue: true, value };
  });
  cleanUp.push(() => machine.close());
  return report.step("two hubs, a branch, a LAN host", async () => {
    const topology = new Topology(machine, await kernelAbility(machine));
    cleanUp.push(() => topology.down());
    await topology.up();
    const hubOf: Record<string, Strongswan> = {};
    for (const { name, network4, network6 } of [hub1, hub2]) {
      const hub = new Strongswan(topology, name);
      const both = `${network4},${sharedHubAddress}/32`;
      const over = {
        connections: { c: { children: { net: { local_ts: `${both},${network6}` } } } },
        pools: { v4: { subnet: both } },
      };
      await hub.start({ swanctl: pskHub(topology, name, over) });
      hubOf[name] = hub;
    }
    const version = (await hubOf["hub1"]!.swanctl("--version")).trim();
    const found = `hubs ${hub1.ipv4} and ${hub2.ipv4} (${version}), branch with two uplinks, LAN host ${lan.host4}`;
    return { found, isTrue: true, value: { topology, hubOf } };
  });
}

/** Something for the page to draw: a probe to each hub, and what follows from their answers. */
const watched = {
  sla: {
    "hub1-echo": { "icmp-echo": hub1.ipv4, frequency: "2s", timeout: "1s" },
    "hub2-echo": { "icmp-echo": hub2.ipv4, frequency: "2s", timeout: "1s" },
  },
  track: {
    hub1: { sla: "hub1-echo" },
    hub2: { sla: "hub2-echo" },
    maintenance: { stub: "down" },
    "a-hub": { boolean: "(hub1 or hub2) and not maintenance" },
  },
};

async function connect(topology: Topology): Promise<Branch> {
  report.heading("The tunnel");
  const branch = new Branch(topology);
  const profile = {
    dpd: { mode: "periodic", interval: "2s", retry: "500ms" },
    retransmit: { initial: "500ms", factor: 1.5, limit: 3 },
  };
  const client = {
    peers: [
      { seq: 10, address: hub1.ipv4 },
      { seq: 20, address: hub2.ipv4 },
    ],
    source: Object.keys(uplinks).map((name, index) => ({ seq: 10 * (index + 1), interface: name })),
  };
  await report.step("start the branch with nothing but its configuration", async () => {
    await branch.start(
      pskBranch({
        ...{ ikev2: { profiles: { hq: profile } }, clients: { hq: client } },
        ...watched,
        web: { users: { admin: { "password-hash": cheapHash(pagePassword) } } },
      }),
    );
    cleanUp.push(async () => {
      await branch.stop();
    });
    const up = await branch.untilState("up");
    const [ike] = (await branch.state()).ike;
    const took = await until(
      "the Child SA is in the kernel",
      () => Promise.resolve(/milliseconds=([\d.]+)/.exec(branch.log())?.[1]),
      10_000,
    );
    const isTrue = up.peer?.address === hub1.ipv4 && up.assigned.ipv4 !== undefined;
    const found = `up with hub1, assigned ${up.assigned.ipv4}; ${ike?.["key-exchange"]}, ${ike?.encryption}; ${took} ms from the first byte to the SA in the kernel`;
    return { found, isTrue, value: undefined };
  });
  return branch;
}

async function showTraffic(topology: Topology, branch: Branch, hub: Strongswan): Promise<void> {
  report.heading("Traffic");
  const sniffer = await Sniffer.start(topology);
  const assigned = (await branch.client()).assigned.ipv4;
  const watch = await topology.spawn("hq1", ["tcpdump", "-n", "-l", "-c", "1", "icmp[0]=8"]);
  const before = await hub.childSa();
  await report.step("ping the HQ host from the LAN host", async () => {
    const { stdout } = await topology.exec("lan", ["ping", "-c", "10", "-i", "0.2", hub1.host4]);
    const { sent, received, mean } = pingResult(stdout);
    const found = `${lan.host4} pings ${hub1.host4}: ${received} of ${sent}, ${mean} ms`;
    return { found, isTrue: received === sent && sent === 10, value: undefined };
  });
  await report.step("see who the HQ host thinks it was", async () => {
    await watch.exited;
    const source = /IP ([\d.]+) >/.exec(watch.output())?.[1];
    const found = `NAT: the HQ host saw ${source}, the address that the hub assigned`;
    return { found, isTrue: source === assigned, value: undefined };
  });
  await report.step("look at what passed outside", async () => {
    const after = await hub.childSa();
    const counted = after.packetsIn - before.packetsIn;
    const esp = (await sniffer.packets("esp or udp port 4500")).length;
    const clear = (await sniffer.clearPackets()).length;
    const found = `the hub's kernel decrypted ${counted} packets; outside ${esp} encrypted ones were seen and ${clear} in clear`;
    return { found, isTrue: counted >= 10 && esp >= 20 && clear === 0, value: undefined };
  });
  await sniffer.stop();
}

async function showFailover(topology: Topology, branch: Branch, hub: Strongswan): Promise<void> {
  report.heading("Failover");
  const sniffer = await Sniffer.start(topology);
  const ping = await topology.spawn("lan", ["ping", "-D", "-i", "0.1", sharedHubAddress]);
  await report.step("hub1 loses power", async () => {
    await hub.stop("SIGKILL");
    const lost = await branch.untilEvent("FLEXVPN-6-FLEXVPN_CONNECTION_DOWN");
    return { found: `the branch noticed: ${lost.message}`, isTrue: true, value: undefined };
  });
  await report.step("move to the next peer", async () => {
    const up = await branch.untilState("up");
    const isTrue =
      up.peer?.address === hub2.ipv4 && up.assigned.ipv4?.startsWith("10.250.2.") === true;
    return { found: `up with hub2, assigned ${up.assigned.ipv4}`, isTrue, value: undefined };
  });
  await report.step("count what the LAN host missed", async () => {
    await topology.exec("lan", ["ping", "-c", "1", "-w", "10", sharedHubAddress]);
    const after = await topology.exec("lan", ["ping", "-c", "20", "-i", "0.1", sharedHubAddress]);
    const again = pingResult(after.stdout);
    ping.kill("SIGINT");
    await ping.exited;
    const { sent, received } = pingResult(ping.output());
    const gap = longestGap(ping.output());
    const found = `a ping every 100 ms to ${sharedHubAddress}, behind both hubs: ${received} of ${sent}, longest silence ${gap} ms; now ${again.received} of ${again.sent}`;
    return { found, isTrue: again.received === 20 && gap > 0, value: undefined };
  });
  await report.step("look at what passed outside meanwhile", async () => {
    const clear = (await sniffer.clearPackets()).length;
    return { found: `${clear} packets in clear`, isTrue: clear === 0, value: undefined };
  });
  await sniffer.stop();
}

/** The page of the running branch on this host's own loopback, where the manual says it is. */
async function showPage(topology: Topology): Promise<Forward> {
  const forward = await forwardPort(topology, "branch", 8_080, 8_080);
  cleanUp.push(() => forward.close());
  report.heading("The status page");
  await report.step("open the status page", async () => {
    const answer = await fetch(forward.url);
    const script = /src="(.+?)"/.exec(await answer.text())?.[1] ?? "";
    const { ok, headers } = await fetch(`${forward.url}${script}`);
    const found = `${forward.url}, log in as admin with the password ${pagePassword}`;
    const isTrue = answer.ok && ok && headers.get("content-encoding") === "gzip";
    return { found, isTrue, value: undefined };
  });
  return forward;
}

async function play(): Promise<void> {
  const { topology, hubOf } = await startLab();
  const branch = await connect(topology);
  const page = await showPage(topology);
  await showTraffic(topology, branch, hubOf["hub1"]!);
  await showFailover(topology, branch, hubOf["hub1"]!);
  report.summary();
  if (process.env["DEMO_EXIT"] === "1") return;
  console.log(`\nThe branch goes on running, and its status page is ${page.url}\nCtrl-C ends it.`);
  await new Promise((resolve) => process.once("SIGINT", resolve));
}

try {
  await play();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  report.summary();
  process.exitCode = 1;
} finally {
  for (const act of cleanUp.reverse()) await act();
}
if (!report.isGood) process.exitCode = 1;

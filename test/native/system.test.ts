/** The appliance's links and its firewall, made in the kernel of this machine in namespaces of its own. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { InterfaceAddress, IpAddress } from "#lib/ip.ts";
import { runTransaction } from "#linux/nft/nft-program.ts";
import { systemFirewallTransaction } from "#linux/system/firewall-rules.ts";
import { applyLinks } from "#linux/system/links.ts";
import type { SystemFirewall } from "#system/firewall.ts";
import type { LinkPlan } from "#system/link-plan.ts";
import { inside, ip, Namespaces, runIn } from "./netns.ts";

/*
 * lan 192.168.12.10 -- eth1 [branch] eth0 -- isp 203.0.113.1
 *                           [branch] Tunnel0 -- hq 10.1.0.10      the tunnel, here a plain cable
 */
const namespaces = new Namespaces(`flexsystem${process.pid}-`);
let [branch, isp, lan, hq] = ["", "", "", ""];

beforeEach(() => {
  [branch, isp, lan, hq] = ["branch", "isp", "lan", "hq"].map((name) => namespaces.add(name)) as [
    string,
    string,
    string,
    string,
  ];
  cable("eth0", isp, "203.0.113.1/30");
  cable("eth1", lan, "192.168.12.10/24");
  cable("Tunnel0", hq, "10.1.0.10/24");
  ip("-n", branch, "address", "add", "10.1.0.1/24", "dev", "Tunnel0");
  for (const [namespace, gateway] of [
    [lan, "192.168.12.1"],
    [isp, "203.0.113.2"],
    [hq, "10.1.0.1"],
  ] as const)
    ip("-n", namespace, "route", "add", "default", "via", gateway, "onlink", "dev", "end");
  runIn(branch, "sysctl", "-qw", "net.ipv4.ip_forward=1");
});
afterEach(() => namespaces.removeAll());

function cable(device: string, namespace: string, address: string): void {
  namespaces.link(
    { namespace: branch, device, addresses: [] },
    { namespace, device: "end", addresses: [address] },
  );
}

const plans: readonly LinkPlan[] = [
  {
    interface: "wan0",
    device: "eth0",
    address: "203.0.113.2/30" as InterfaceAddress,
    gateway: "203.0.113.1" as IpAddress,
    metric: 100,
  },
  { interface: "br-lan", ports: ["eth1"], address: "192.168.12.1/24" as InterfaceAddress },
];

const firewall: SystemFirewall = {
  wans: ["wan0"],
  lan: "br-lan",
  tunnels: ["Tunnel0"],
  lanPorts: [{ protocol: "udp", port: 53 }],
  innerPorts: [{ protocol: "tcp", port: 8080 }],
  internet: false,
};

const links = (wanted = plans) => inside(branch, () => applyLinks(wanted));
const wall = (change: Partial<SystemFirewall> = {}) =>
  inside(branch, () =>
    runTransaction("test", systemFirewallTransaction({ ...firewall, ...change })),
  );
const addressesOf = (device: string): unknown =>
  JSON.parse(ip("-n", branch, "-4", "-j", "address", "show", "dev", device)).map(
    (each: { addr_info: { local: string; prefixlen: number }[] }) =>
      each.addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`),
  );

test("a device gets its interface's name, address and default route, and ports join the bridge", async () => {
  expect(await links()).toEqual([]);
  expect(addressesOf("wan0")).toEqual([["203.0.113.2/30"]]);
  expect(addressesOf("br-lan")).toEqual([["192.168.12.1/24"]]);
  expect(ip("-n", branch, "route", "show", "default")).toMatch(
    /^default via 203\.0\.113\.1 dev wan0 .*metric 100/,
  );
  expect(runIn(lan, "ping", "-c1", "-W2", "192.168.12.1")).toContain("1 received");
  expect(runIn(isp, "ping", "-c1", "-W2", "203.0.113.2")).toContain("1 received");
});

test("what is so already is left, and an address that is not wanted any more goes", async () => {
  await links();
  const before = ip("-n", branch, "-j", "link", "show", "br-lan");
  expect(await links()).toEqual([]);
  expect(ip("-n", branch, "-j", "link", "show", "br-lan")).toBe(before);
  const [wan, bridge] = plans as [LinkPlan, LinkPlan];
  expect(await links([wan, { ...bridge, address: "192.168.13.1/24" as InterfaceAddress }])).toEqual(
    [],
  );
  expect(addressesOf("br-lan")).toEqual([["192.168.13.1/24"]]);
});

test("a device that is not there is named, and the others are made all the same", async () => {
  const [, bridge] = plans as [LinkPlan, LinkPlan];
  expect(await links([{ interface: "wan9", device: "eth9" }, bridge])).toEqual([
    "there is no device eth9",
  ]);
  expect(addressesOf("br-lan")).toEqual([["192.168.12.1/24"]]);
});

test("from a WAN only IKE gets in, from the LAN what is open to it", async () => {
  await links();
  expect((await wall()).ok).toBe(true);
  await inside(branch, () => listen(8_080));
  expect(await reaches(lan, "192.168.12.1", 8_080)).toBe(true);
  expect(await reaches(isp, "203.0.113.2", 8_080)).toBe(false);
  expect(await reaches(hq, "10.1.0.1", 8_080)).toBe(true);
  expect(await hears(500, isp, "203.0.113.2")).toBe(true);
  expect(await hears(53, isp, "203.0.113.2")).toBe(false);
  expect(await hears(53, lan, "192.168.12.1")).toBe(true);
});

test("hosts of the LAN go into the tunnel, and out by a WAN only where they may", async () => {
  await links();
  await wall();
  expect(pings(lan, "10.1.0.10")).toBe(true);
  expect(pings(hq, "192.168.12.10")).toBe(true);
  expect(pings(lan, "203.0.113.1")).toBe(false);
  expect(pings(isp, "192.168.12.10")).toBe(false);
  await wall({ internet: true });
  ip("-n", isp, "route", "delete", "default");
  expect(pings(lan, "203.0.113.1")).toBe(true);
});

function pings(from: string, to: string): boolean {
  try {
    runIn(from, "ping", "-c1", "-W1", to);
    return true;
  } catch {
    return false;
  }
}

async function listen(port: number): Promise<void> {
  const server = createServer((socket) => socket.end());
  server.listen(port).unref();
  await once(server, "listening");
}

function reaches(from: string, host: string, port: number): Promise<boolean> {
  return inside(from, async () => {
    const socket = connect({ host, port });
    socket.setTimeout(1_000, () => socket.destroy(new Error("nothing comes")));
    try {
      await once(socket, "connect");
      return true;
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  });
}

/** Whether a datagram from there gets to a socket on the port. */
async function hears(port: number, from: string, host: string): Promise<boolean> {
  const ear = createSocket("udp4");
  await inside(branch, async () => {
    ear.bind(port);
    await once(ear, "listening");
  });
  const mouth = await inside(from, async () => {
    const made = createSocket("udp4");
    made.bind(0);
    await once(made, "listening");
    return made;
  });
  const heard = new Promise<boolean>((resolve) => {
    ear.once("message", () => resolve(true));
    setTimeout(() => resolve(false), 500);
  });
  mouth.send("x", port, host);
  try {
    return await heard;
  } finally {
    ear.close();
    mouth.close();
  }
}

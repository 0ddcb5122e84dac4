import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Endpoint, IpAddress } from "#lib/ip.ts";
import {
  type IkeDatagram,
  type IkeSocket,
  type IkeSocketOptions,
  openIkeSocket,
} from "#linux/socket/ike-socket.ts";
import type { SocketFault } from "#linux/socket/socket-fault.ts";
import { sourceAddress } from "#linux/socket/source-address.ts";
import { inside, ip, Namespaces, runIn } from "./netns.ts";

const namespaces = new Namespaces("s4-");
let branch = "";
let hub = "";
const opened: { close(): void }[] = [];

beforeAll(() => {
  branch = namespaces.add("branch");
  hub = namespaces.add("hub");
  namespaces.link(
    { namespace: branch, device: "wan1", addresses: ["192.0.2.1/24", "2001:db8:1::1/64"] },
    { namespace: hub, device: "up1", addresses: ["192.0.2.9/24", "2001:db8:1::9/64"] },
  );
  namespaces.link(
    { namespace: branch, device: "wan2", addresses: ["198.51.100.1/24"] },
    { namespace: hub, device: "up2", addresses: ["198.51.100.9/24"] },
  );
  ip("-n", hub, "address", "add", "203.0.113.1/32", "dev", "lo");
  ip("-n", branch, "route", "add", "default", "via", "192.0.2.9");
  ip("-n", branch, "route", "add", "default", "via", "198.51.100.9", "metric", "200");
});
afterEach(() => {
  for (const socket of opened.splice(0)) socket.close();
});
afterAll(() => namespaces.removeAll());

class Inbox {
  readonly datagrams: IkeDatagram[] = [];
  readonly faults: SocketFault[] = [];
  #wake: () => void = () => undefined;

  datagram(datagram: IkeDatagram): void {
    this.datagrams.push(datagram);
    this.#wake();
  }

  fault(fault: SocketFault): void {
    this.faults.push(fault);
    this.#wake();
  }

  /** Resolves when `count` datagrams and faults have come. */
  async has(count: number): Promise<void> {
    while (this.datagrams.length + this.faults.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

async function open(
  namespace: string,
  options: IkeSocketOptions,
): Promise<{ socket: IkeSocket; inbox: Inbox }> {
  const inbox = new Inbox();
  const result = await inside(namespace, () => openIkeSocket(options, inbox));
  if (!result.ok) throw new Error(result.error.what);
  opened.push(result.value);
  return { socket: result.value, inbox };
}

async function refused(namespace: string, options: IkeSocketOptions): Promise<SocketFault> {
  const result = await inside(namespace, () => openIkeSocket(options, new Inbox()));
  if (!result.ok) return result.error;
  result.value.close();
  throw new Error("the socket opened");
}

/** An ordinary UDP socket: what it gets and sends is what is on the wire. */
async function plain(namespace: string, address: string, port: number): Promise<Socket> {
  const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
  await inside(namespace, async () => {
    socket.bind({ address, port, exclusive: true });
    await once(socket, "listening");
  });
  opened.push(socket);
  return socket;
}

const at = (address: string, port: number): Endpoint => ({ address: address as IpAddress, port });
const own = (address: string, port: number, device?: string): IkeSocketOptions => ({
  address: address as IpAddress,
  port,
  ...(device === undefined ? {} : { device }),
});

test.each([
  ["IPv4", "192.0.2.1", "192.0.2.9"],
  ["IPv6", "2001:db8:1::1", "2001:db8:1::9"],
])(
  "a message on port 500 arrives as sent, with both ends' %s addresses",
  async (_, ours, theirs) => {
    const { socket } = await open(branch, own(ours, 500));
    const { inbox } = await open(hub, own(theirs, 500));

    socket.send(Uint8Array.of(1, 2, 3), at(theirs, 500));
    await inbox.has(1);

    expect(inbox.datagrams).toEqual([
      { local: at(theirs, 500), remote: at(ours, 500), bytes: Uint8Array.of(1, 2, 3) },
    ]);
  },
);

test("a message on port 4500 travels behind the non-ESP marker and comes out without it", async () => {
  const { socket, inbox } = await open(branch, own("192.0.2.1", 4500, "wan1"));
  const peer = await plain(hub, "192.0.2.9", 4500);

  socket.send(Uint8Array.of(7, 8), at("192.0.2.9", 4500));
  const [onTheWire] = (await once(peer, "message")) as [Buffer];
  peer.send(Uint8Array.of(0, 0, 0, 0, 9), 4500, "192.0.2.1");
  await inbox.has(1);

  expect([...onTheWire]).toEqual([0, 0, 0, 0, 7, 8]);
  expect(inbox.datagrams[0]?.bytes).toEqual(Uint8Array.of(9));
  expect(inbox.datagrams[0]?.source).toBe("wan1");
});

test.each([
  ["192.0.2.1", "192.0.2.9"],
  ["2001:db8:1::1", "2001:db8:1::9"],
])(
  "ESP and keepalives on port 4500 of %s are the kernel's, and runts are dropped",
  async (ours, theirs) => {
    const { socket, inbox } = await open(branch, own(ours, 4500));
    const peer = await plain(hub, theirs, 4500);
    const esp = Uint8Array.from({ length: 64 }, (_, index) => (index < 4 ? 0xc0 : index));

    peer.send(esp, 4500, ours);
    peer.send(Uint8Array.of(0xff), 4500, ours);
    peer.send(Uint8Array.of(0, 0, 0, 0), 4500, ours);
    peer.send(Uint8Array.of(0, 0, 0, 0, 5), 4500, ours);
    await inbox.has(1);

    expect(inbox.datagrams.map(({ bytes }) => [...bytes])).toEqual([[5]]);
    // Neither ESP nor the keepalive got as far as this process: the kernel's ESP-in-UDP took them.
    expect(socket.drops).toEqual({ keepalives: 0, esp: 0, runts: 1 });
  },
);

test("a keepalive is the single octet 0xFF", async () => {
  const { socket } = await open(branch, own("192.0.2.1", 4500));
  const peer = await plain(hub, "192.0.2.9", 4500);

  socket.sendKeepalive(at("192.0.2.9", 4500));
  const [onTheWire] = (await once(peer, "message")) as [Buffer];

  expect([...onTheWire]).toEqual([0xff]);
});

test.each([
  ["192.0.2.1", "192.0.2.9", "0.0.0.0/0"],
  ["2001:db8:1::1", "2001:db8:1::9", "::/0"],
])("IKE from %s passes where IPsec policies block everything else", async (ours, theirs, all) => {
  const { socket, inbox } = await open(branch, own(ours, 500));
  const peer = await plain(hub, theirs, 500);
  const bystander = await plain(branch, ours, 7000);
  for (const direction of ["in", "out"]) {
    const policy = ["src", all, "dst", all, "dir", direction, "action", "block"];
    ip("-n", branch, "xfrm", "policy", "add", ...policy);
  }
  try {
    const refusal = await new Promise((resolve) => bystander.send("x", 500, theirs, resolve));
    socket.send(Uint8Array.of(1), at(theirs, 500));
    const [received] = (await once(peer, "message")) as [Buffer];
    peer.send(Uint8Array.of(2), 500, ours);
    await inbox.has(1);

    expect(refusal).toMatchObject({ syscall: "send" });
    expect([...received]).toEqual([1]);
    expect(inbox.datagrams[0]?.bytes).toEqual(Uint8Array.of(2));
  } finally {
    ip("-n", branch, "xfrm", "policy", "flush");
  }
});

test.each([
  ["192.0.2.1", "192.0.2.9"],
  ["2001:db8:1::1", "2001:db8:1::9"],
])("a message longer than the path's MTU goes out from %s in fragments", async (ours, theirs) => {
  ip("-n", branch, "link", "set", "wan1", "mtu", "1280");
  const { socket, inbox: ourInbox } = await open(branch, own(ours, 500));
  const { inbox } = await open(hub, own(theirs, 500));

  socket.send(new Uint8Array(4000).fill(3), at(theirs, 500));
  await Promise.race([inbox.has(1), ourInbox.has(1)]);
  ip("-n", branch, "link", "set", "wan1", "mtu", "1500");

  expect(ourInbox.faults).toEqual([]);
  expect(inbox.datagrams[0]?.bytes.length).toBe(4000);
});

test("a socket tied to an interface sends by it against the routing table's wish", async () => {
  const { socket } = await open(branch, own("198.51.100.1", 500, "wan2"));
  const { inbox } = await open(hub, own("203.0.113.1", 500));
  const before = received(hub, "up2");

  socket.send(new Uint8Array(1000), at("203.0.113.1", 500));
  await inbox.has(1);

  expect(received(hub, "up2") - before).toBeGreaterThanOrEqual(1000);
});

test("a socket tied to one interface hears nothing that comes by another", async () => {
  const { inbox } = await open(branch, own("198.51.100.1", 500, "wan2"));
  const stranger = await plain(hub, "192.0.2.9", 500);
  const hubSide = await plain(hub, "198.51.100.9", 500);
  ip("-n", hub, "route", "add", "198.51.100.1/32", "via", "192.0.2.1", "src", "192.0.2.9");
  await new Promise((resolve) => stranger.send("by wan1", 500, "198.51.100.1", resolve));
  ip("-n", hub, "route", "delete", "198.51.100.1/32");
  hubSide.send("by wan2", 500, "198.51.100.1");
  await inbox.has(1);

  expect(inbox.datagrams.map(({ bytes }) => new TextDecoder().decode(bytes))).toEqual(["by wan2"]);
});

test("the last message before a close is on the wire", async () => {
  const { socket } = await open(branch, own("192.0.2.1", 500));
  const peer = await plain(hub, "192.0.2.9", 500);

  socket.send(Uint8Array.of(4), at("192.0.2.9", 500));
  socket.close();
  opened.splice(opened.indexOf(socket), 1);
  const [received] = (await once(peer, "message")) as [Buffer];

  expect([...received]).toEqual([4]);
});

test("a datagram that a firewall of the machine drops is reported and the socket stays open", async () => {
  const { socket, inbox } = await open(branch, own("192.0.2.1", 500));
  runIn(
    branch,
    "nft",
    "add table ip s4; add chain ip s4 o { type filter hook output priority 0; policy drop; }",
  );
  try {
    socket.send(Uint8Array.of(1), at("192.0.2.9", 500));
    await inbox.has(1);
  } finally {
    runIn(branch, "nft", "delete table ip s4");
  }
  expect(inbox.faults).toMatchObject([{ code: "socket.send-failed", errno: "EPERM" }]);
});

test("an interface that does not exist is named in the fault", async () => {
  expect(await refused(branch, own("192.0.2.1", 500, "wwan0"))).toMatchObject({
    code: "socket.interface-missing",
    what: "the interface wwan0 does not exist",
    isTransient: true,
  });
});

test("an address that the machine does not have is named in the fault", async () => {
  expect(await refused(branch, own("192.0.2.77", 500, "wan1"))).toMatchObject({
    code: "socket.no-address",
    what: "192.0.2.77 is not an address of wan1",
  });
});

test("a port held by another IKE daemon is a fault that names the program, even if that one shares its port", async () => {
  const holder = `import socket,sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("0.0.0.0", 500))
print("ready", flush=True)
sys.stdin.read()`;
  const { spawn } = await import("node:child_process");
  const child = await inside(branch, () => spawn("/usr/bin/env", ["python3", "-c", holder]));
  try {
    await once(child.stdout, "data");
    const fault = await refused(branch, own("192.0.2.1", 500));
    expect(fault.code).toBe("socket.address-in-use");
    expect(fault.what).toMatch(/^UDP 192\.0\.2\.1:500 is taken by python3?\S* \(process \d+\)$/);
    expect(fault.remedy).toMatch(/stop python/);
  } finally {
    child.stdin.end();
    await once(child, "close");
  }
});

test("the source address follows the routing table, or the interface when one is given", async () => {
  const remote = "203.0.113.1" as IpAddress;
  const answers = await inside(branch, () => [
    sourceAddress(remote),
    sourceAddress(remote, "wan2"),
    sourceAddress("2001:db8:1::9" as IpAddress),
  ]);
  expect(answers.map((answer) => answer.ok && answer.value)).toEqual([
    "192.0.2.1",
    "198.51.100.1",
    "2001:db8:1::1",
  ]);
});

test("no source address is borrowed from another interface", async () => {
  ip("-n", branch, "link", "add", "bare", "type", "veth", "peer", "name", "bare-end");
  ip("-n", branch, "link", "set", "bare", "up");
  ip("-n", branch, "link", "set", "bare-end", "up");
  const [bare, missing, noRoute] = await inside(branch, () => [
    sourceAddress("203.0.113.1" as IpAddress, "bare"),
    sourceAddress("203.0.113.1" as IpAddress, "wwan0"),
    sourceAddress("2001:db8:ffff::1" as IpAddress),
  ]);
  ip("-n", branch, "link", "delete", "bare");

  expect(bare).toMatchObject({ ok: false, error: { code: "socket.no-address" } });
  expect(missing).toMatchObject({ ok: false, error: { code: "socket.interface-missing" } });
  expect(noRoute).toMatchObject({ ok: false, error: { code: "socket.no-route" } });
});

function received(namespace: string, device: string): number {
  return Number(runIn(namespace, "cat", `/sys/class/net/${device}/statistics/rx_bytes`));
}

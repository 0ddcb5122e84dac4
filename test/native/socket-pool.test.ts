import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Endpoint, IpAddress } from "#lib/ip.ts";
import { IkeSocketPool, type LocalPath } from "#linux/socket/socket-pool.ts";
import { inside, ip, Namespaces } from "./netns.ts";

const namespaces = new Namespaces("s4p-");
let branch = "";
let hub = "";
let pool: IkeSocketPool;

beforeAll(() => {
  branch = namespaces.add("branch");
  hub = namespaces.add("hub");
});
beforeEach(() => {
  plugIn();
  pool = new IkeSocketPool({ datagram: () => undefined, fault: () => undefined });
});
afterEach(() => {
  pool.close();
  ip("-n", branch, "link", "delete", "wan1");
});
afterAll(() => namespaces.removeAll());

function plugIn(): void {
  namespaces.link(
    { namespace: branch, device: "wan1", addresses: ["192.0.2.1/24"] },
    { namespace: hub, device: "up1", addresses: ["192.0.2.9/24"] },
  );
}

const at = (address: string, port: number): Endpoint => ({ address: address as IpAddress, port });
const from = (port: number, source?: string): LocalPath =>
  source === undefined
    ? { local: at("192.0.2.1", port) }
    : { local: at("192.0.2.1", port), source };
const towards = (path: LocalPath, port: number) => ({ ...path, remote: at("192.0.2.9", port) });

test("two sessions on one path share a socket, which closes when the second lets go", async () => {
  const [first, second] = await inside(branch, () => [
    pool.open(1, from(500, "wan1")),
    pool.open(2, from(500, "wan1")),
  ]);
  expect(first.ok && second.ok && first.value === second.value).toBe(true);

  pool.release(1);
  expect(pool.openPaths()).toEqual([from(500, "wan1")]);
  pool.release(2);
  expect(pool.openPaths()).toEqual([]);
});

test("a session that moved to port 4500 gives port 500 back", async () => {
  await inside(branch, () => {
    pool.open(1, from(500));
    pool.open(1, from(4500));
  });
  pool.release(1, from(4500));

  expect(pool.openPaths()).toEqual([from(4500)]);
});

test("sending opens the socket, and a released one leaves the port to others", async () => {
  const peer = createSocket("udp4");
  await inside(hub, async () => {
    peer.bind(500, "192.0.2.9");
    await once(peer, "listening");
  });
  const fault = await inside(branch, () => pool.send(1, towards(from(500), 500), Uint8Array.of(1)));
  const [received] = (await once(peer, "message")) as [Buffer];
  pool.release(1);
  const other = new IkeSocketPool({ datagram: () => undefined, fault: () => undefined });
  const again = await inside(branch, () => other.open(9, from(500)));
  other.close();
  peer.close();

  expect(fault).toBeUndefined();
  expect([...received]).toEqual([1]);
  expect(again.ok).toBe(true);
});

test("a path by an interface and one by the routing table live side by side on one address", async () => {
  const [tied, free] = await inside(branch, () => [
    pool.open(1, from(500, "wan1")),
    pool.open(2, from(500)),
  ]);
  expect([tied.ok, free.ok]).toEqual([true, true]);
});

test("another program can't slip in beside our sockets, however willing it is to share", async () => {
  await inside(branch, () => {
    pool.open(1, from(500, "wan1"));
    pool.open(2, from(500));
  });
  const intruder = createSocket({ type: "udp4", reuseAddr: true });
  const error = await inside(branch, async () => {
    intruder.bind(500, "192.0.2.1");
    return (await once(intruder, "error")) as [NodeJS.ErrnoException];
  });
  intruder.close();

  expect(error[0].code).toBe("EADDRINUSE");
});

test("a path whose interface does not exist gives a fault and opens nothing", async () => {
  const fault = await inside(branch, () =>
    pool.send(1, towards(from(500, "wwan0"), 500), Uint8Array.of(1)),
  );
  expect(fault?.code).toBe("socket.interface-missing");
  expect(pool.openPaths()).toEqual([]);
});

test("when the address goes, its sockets are closed and their sessions named", async () => {
  await inside(branch, () => pool.open(1, from(4500, "wan1")));
  ip("-n", branch, "address", "delete", "192.0.2.1/24", "dev", "wan1");
  const lost = await inside(branch, () => pool.refresh());

  expect(lost).toMatchObject([
    { path: from(4500, "wan1"), users: [1], fault: { code: "socket.no-address" } },
  ]);
  expect(pool.openPaths()).toEqual([]);
});

test("when the interface goes, its sockets are closed with that reason", async () => {
  await inside(branch, () => pool.open(1, from(4500, "wan1")));
  ip("-n", branch, "link", "set", "wan1", "name", "wan1-away");
  const lost = await inside(branch, () => pool.refresh());
  ip("-n", branch, "link", "set", "wan1-away", "name", "wan1");

  expect(lost).toMatchObject([{ fault: { code: "socket.interface-missing" } }]);
});

test("nothing changes when the machine's interfaces did not", async () => {
  await inside(branch, () => pool.open(1, from(500, "wan1")));

  expect(await inside(branch, () => pool.refresh())).toEqual([]);
  expect(pool.openPaths()).toEqual([from(500, "wan1")]);
});

test("a modem that was unplugged and came back under its name carries the session's datagrams again", async () => {
  await inside(branch, () => pool.open(1, from(500, "wan1")));
  ip("-n", branch, "link", "delete", "wan1");
  plugIn();
  const lost = await inside(branch, () => pool.refresh());
  const peer = createSocket("udp4");
  await inside(hub, async () => {
    peer.bind(500, "192.0.2.9");
    await once(peer, "listening");
  });
  pool.send(1, towards(from(500, "wan1"), 500), Uint8Array.of(6));
  const [received] = (await once(peer, "message")) as [Buffer];
  peer.close();

  expect(lost).toEqual([]);
  expect([...received]).toEqual([6]);
});

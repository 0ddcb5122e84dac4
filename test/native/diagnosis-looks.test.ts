/**
 * What a diagnosis looks at, on real links: a branch, a router that may swallow or refuse, a hub behind it, and a stranger on
 * the branch's own link.
 */
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { IpAddress } from "#lib/ip.ts";
import { rivalsOn } from "#linux/kernel/rivals.ts";
import { droppingForwardChains } from "#linux/nft/forward-chains.ts";
import { lookAtPath, type PathLook } from "#linux/probe/path-look.ts";
import { inside, ip, Namespaces, runIn } from "./netns.ts";

const namespaces = new Namespaces("dl-");
const hub4 = "203.0.113.1" as IpAddress;
const hub6 = "2001:db8:3::1" as IpAddress;
let branch = "";
let router = "";
let hub = "";

beforeAll(() => {
  branch = namespaces.add("branch");
  router = namespaces.add("router");
  hub = namespaces.add("hub");
  namespaces.link(
    { namespace: branch, device: "wan0", addresses: ["192.0.2.1/24", "2001:db8:1::1/64"] },
    { namespace: router, device: "near", addresses: ["192.0.2.9/24", "2001:db8:1::9/64"] },
  );
  namespaces.link(
    { namespace: router, device: "far", addresses: ["203.0.113.9/24", "2001:db8:3::9/64"] },
    { namespace: hub, device: "wan0", addresses: [`${hub4}/24`, `${hub6}/64`] },
  );
  for (const name of ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"])
    runIn(router, "sysctl", "-qw", `${name}=1`);
  ip("-n", branch, "route", "add", "default", "via", "192.0.2.9");
  ip("-n", branch, "route", "add", "default", "via", "2001:db8:1::9");
  ip("-n", hub, "route", "add", "default", "via", "203.0.113.9");
  ip("-n", hub, "route", "add", "default", "via", "2001:db8:3::9");
});
afterEach(() => {
  for (const namespace of [branch, router]) runIn(namespace, "nft", "flush", "ruleset");
  ip("-n", router, "link", "set", "far", "mtu", "1500");
});
afterAll(() => namespaces.removeAll());

/** Makes the router judge what it forwards. */
function routerRule(rule: string): void {
  const chain = "type filter hook forward priority 0; policy accept;";
  runIn(router, "nft", `table inet fault { chain forward { ${chain} ${rule}\n}\n}`);
}

function look(address: IpAddress, ports: readonly number[] = []): Promise<PathLook> {
  return inside(branch, () => lookAtPath({ address, device: "wan0", mtu: 1_500, ports }));
}

test.each([hub4, hub6])(
  "large packets that a router swallows on the way to %s",
  async (address) => {
    routerRule("meta length > 1410 drop");
    expect(await look(address)).toMatchObject({
      answersPing: true,
      size: { passes: 1_400, lost: 1_420, isTold: false },
    });
  },
);

test.each([hub4, hub6])("a router that says what fits on the way to %s", async (address) => {
  ip("-n", router, "link", "set", "far", "mtu", "1400");
  expect(await look(address)).toMatchObject({
    answersPing: true,
    size: { passes: 1_400, lost: 1_420, isTold: true },
  });
});

test.each([hub4, hub6])(
  "a firewall that refuses one port of %s and swallows another",
  async (address) => {
    routerRule("udp dport 4500 reject with icmpx admin-prohibited; udp dport 500 drop");
    const { refusals } = await look(address, [500, 4_500]);
    expect(refusals).toEqual([{ port: 4_500, errno: "EHOSTUNREACH" }]);
  },
);

test.each([hub4, hub6])("%s, where nothing listens on a port, says so", async (address) => {
  const { refusals } = await look(address, [500]);
  expect(refusals).toEqual([{ port: 500, errno: "ECONNREFUSED" }]);
});

test("a host that nothing comes back from", async () => {
  routerRule("drop");
  expect(await look(hub4, [500])).toEqual({ answersPing: false, refusals: [] });
});

test("another device on the link that has the branch's address is found with its hardware address", async () => {
  const mac = "02:00:5e:00:53:01";
  ip("-n", router, "link", "set", "near", "address", mac);
  expect(await inside(branch, () => rivalsOn("wan0", ["192.0.2.1/24"]))).toEqual([]);

  ip("-n", router, "address", "add", "192.0.2.1/32", "dev", "near");
  expect(await inside(branch, () => rivalsOn("wan0", ["192.0.2.1/24"]))).toEqual([
    { address: "192.0.2.1", by: mac },
  ]);
  ip("-n", router, "address", "delete", "192.0.2.1/32", "dev", "near");
});

test("a firewall that drops what is forwarded is listed until it speaks of the tunnel", async () => {
  const chain = "type filter hook forward priority 0; policy drop;";
  runIn(branch, "nft", `table inet filter { chain forward { ${chain} }\n}`);
  const listed = () => inside(branch, () => droppingForwardChains(["br-lan", "hq0"]));
  expect(await listed()).toEqual(["inet filter forward"]);

  runIn(branch, "nft", 'add rule inet filter forward oifname "hq0" accept');
  expect(await listed()).toEqual([]);
});

test("a firewall that lets everything be forwarded is not listed", async () => {
  const chain = "type filter hook forward priority 0; policy accept;";
  runIn(branch, "nft", `table inet filter { chain forward { ${chain} }\n}`);
  expect(await inside(branch, () => droppingForwardChains(["br-lan", "hq0"]))).toEqual([]);
});

/** The route monitor and the kernel's own table, changed by `ip`, in a namespace of its own. */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { DataPlaneFault } from "#dataplane/port.ts";
import type { Prefix } from "#lib/ip.ts";
import { type PrefixNews, RouteMonitor } from "#linux/route/route-monitor.ts";
import { until } from "#test/lab/machine.ts";
import { inside, ip, Namespaces } from "./netns.ts";

const namespaces = new Namespaces(`flexroute${process.pid}-`);
let branch: string;
let other: string;

beforeAll(() => {
  other = namespaces.add("other");
});
beforeEach(() => {
  branch = namespaces.add("branch");
  namespaces.link(
    { namespace: branch, device: "wan0", addresses: ["192.0.2.7/24", "2001:db8:1::7/64"] },
    { namespace: other, device: "far0", addresses: [] },
  );
  namespaces.link(
    { namespace: branch, device: "wan1", addresses: ["198.51.100.7/24"] },
    { namespace: other, device: "far1", addresses: [] },
  );
});
afterAll(() => namespaces.removeAll());

const prefix = (text: string) => text as Prefix;
const lan = prefix("10.0.0.0/8");

class Watched {
  readonly news: PrefixNews[] = [];
  readonly faults: DataPlaneFault[] = [];
  readonly monitor = new RouteMonitor({
    changed: (each) => this.news.push(each),
    fault: (each) => this.faults.push(each),
  });

  /** What was told last of a prefix, in a word or two. */
  of(wanted: Prefix): string {
    const last = this.news.findLast((each) => each.prefix === wanted);
    if (!last) return "nothing";
    return last.route ? `${last.route.device} ${last.route.metric}` : String(last.why);
  }

  until(wanted: Prefix, expected: string): Promise<unknown> {
    return until(
      `${wanted} is ${expected}`,
      () => Promise.resolve(this.of(wanted) === expected),
      10_000,
      () => Promise.resolve(JSON.stringify([this.news, this.faults], null, 1)),
    );
  }
}

function watching(prefixes: readonly Prefix[], play: (watched: Watched) => Promise<void>) {
  return inside(branch, async () => {
    const watched = new Watched();
    watched.monitor.watch(prefixes);
    try {
      await play(watched);
      expect(watched.faults).toEqual([]);
    } finally {
      watched.monitor.close();
    }
  });
}

const route = (...words: readonly string[]) => ip("-n", branch, "route", ...words);

test("each prefix is told of once at the start, as it is", () =>
  watching([lan, prefix("192.0.2.0/24"), prefix("2001:db8:1::/64")], async (watched) => {
    await watched.until(lan, "no route to 10.0.0.0/8");
    await watched.until(prefix("2001:db8:1::/64"), "wan0 256");
    expect(watched.news).toHaveLength(3);
    expect(watched.news.find((each) => each.prefix === "192.0.2.0/24")).toEqual({
      prefix: "192.0.2.0/24",
      route: { metric: 0, isConnected: true, device: "wan0" },
    });
  }));

test("only exactly the prefix in the main table counts, and what does not change it is not told", () =>
  watching([lan], async (watched) => {
    await watched.until(lan, "no route to 10.0.0.0/8");
    route("add", "10.0.0.0/9", "via", "192.0.2.1");
    route("add", "default", "via", "192.0.2.1");
    route("add", "10.0.0.0/8", "via", "192.0.2.1", "table", "100");
    route("add", "10.0.0.0/8", "via", "192.0.2.1", "metric", "50");
    await watched.until(lan, "wan0 50");
    route("delete", "10.0.0.0/9");
    route("add", "10.0.0.0/8", "via", "198.51.100.1", "metric", "90");
    route("delete", "10.0.0.0/8", "metric", "50");
    await watched.until(lan, "wan1 90");
    route("delete", "10.0.0.0/8", "metric", "90");
    await watched.until(lan, "no route to 10.0.0.0/8");
    expect(watched.news).toHaveLength(4);
    expect(watched.news[1]?.route).toEqual({
      metric: 50,
      isConnected: false,
      device: "wan0",
      gateway: "192.0.2.1",
    });
  }));

test("a route of ours counts as any other", () =>
  watching([lan], async (watched) => {
    route("add", "10.0.0.0/8", "dev", "wan0", "proto", "186");
    await watched.until(lan, "wan0 0");
    expect(watched.news.at(-1)?.route?.isConnected).toBe(false);
  }));

test("an IPv4 route that goes with its interface is missed at once, though the kernel says nothing of it", () =>
  watching([lan], async (watched) => {
    route("add", "10.0.0.0/8", "via", "192.0.2.1");
    await watched.until(lan, "wan0 0");
    ip("-n", branch, "link", "set", "wan0", "down");
    await watched.until(lan, "no route to 10.0.0.0/8");
    expect(watched.news.at(-1)).toMatchObject({ lostDevice: "wan0" });
  }));

test("a route that goes with its address is missed at once", () =>
  watching([prefix("192.0.2.0/24"), lan], async (watched) => {
    route("add", "10.0.0.0/8", "via", "192.0.2.1", "src", "192.0.2.7");
    await watched.until(lan, "wan0 0");
    ip("-n", branch, "address", "delete", "192.0.2.7/24", "dev", "wan0");
    await watched.until(prefix("192.0.2.0/24"), "no route to 192.0.2.0/24");
    await watched.until(lan, "no route to 10.0.0.0/8");
    expect(watched.news.at(-1)).not.toHaveProperty("lostDevice");
  }));

test("a route whose interface lost its link can't be used until the link is back", () =>
  watching([lan, prefix("2001:db8:1::/64")], async (watched) => {
    route("add", "10.0.0.0/8", "via", "192.0.2.1");
    await watched.until(lan, "wan0 0");
    ip("-n", other, "link", "set", "far0", "down");
    await watched.until(lan, "the route to 10.0.0.0/8 leads to wan0, which is down");
    expect(watched.news.findLast((each) => each.prefix === lan)).toMatchObject({
      lostDevice: "wan0",
    });
    ip("-n", other, "link", "set", "far0", "up");
    await watched.until(lan, "wan0 0");
    await watched.until(prefix("2001:db8:1::/64"), "wan0 256");
  }));

test("a worse route that can be used is better than one that can't", () =>
  watching([lan], async (watched) => {
    route("add", "10.0.0.0/8", "via", "192.0.2.1", "metric", "10");
    route("add", "10.0.0.0/8", "via", "198.51.100.1", "metric", "20");
    await watched.until(lan, "wan0 10");
    ip("-n", other, "link", "set", "far0", "down");
    await watched.until(lan, "wan1 20");
    ip("-n", other, "link", "set", "far0", "up");
    await watched.until(lan, "wan0 10");
  }));

test("of several next hops one that can be used is enough", () =>
  watching([lan], async (watched) => {
    const hop = (gateway: string) => ["nexthop", "via", gateway] as const;
    route("add", "10.0.0.0/8", ...hop("192.0.2.1"), ...hop("198.51.100.1"));
    await watched.until(lan, "wan0 0");
    ip("-n", other, "link", "set", "far0", "down");
    await watched.until(lan, "wan1 0");
    ip("-n", other, "link", "set", "far1", "down");
    await watched.until(lan, "the route to 10.0.0.0/8 leads to wan0, which is down");
    ip("-n", other, "link", "set", "far0", "up");
    ip("-n", other, "link", "set", "far1", "up");
  }));

test("a route that refuses packets is none", () =>
  watching([lan], async (watched) => {
    route("add", "blackhole", "10.0.0.0/8");
    await watched.until(lan, "the route to 10.0.0.0/8 refuses packets");
    route("replace", "10.0.0.0/8", "via", "192.0.2.1");
    await watched.until(lan, "wan0 0");
  }));

test("what changed while notifications were lost is told afterwards", () =>
  watching([lan], async (watched) => {
    await watched.until(lan, "no route to 10.0.0.0/8");
    const many = Array.from({ length: 20_000 }, (_, n) => {
      const network = `172.${16 + (n >> 12)}.${(n >> 4) & 255}.${(n & 15) * 16}/28`;
      return `route add ${network} via 192.0.2.1`;
    });
    // This process hears nothing while `ip` runs: the socket overflows long before the end.
    const script = [...many, "route add 10.0.0.0/8 via 192.0.2.1 metric 7"].join("\n");
    execFileSync("ip", ["-n", branch, "-batch", "-"], { input: script });
    await watched.until(lan, "wan0 7");
  }));

test("other prefixes are watched from now on when asked for, and none when there are none", () =>
  watching([lan], async (watched) => {
    await watched.until(lan, "no route to 10.0.0.0/8");
    watched.monitor.watch([prefix("192.0.2.0/24")]);
    await watched.until(prefix("192.0.2.0/24"), "wan0 0");
    route("add", "10.0.0.0/8", "via", "192.0.2.1");
    watched.monitor.watch([]);
    route("delete", "192.0.2.0/24");
    watched.monitor.watch([lan]);
    await watched.until(lan, "wan0 0");
    expect(watched.news).toHaveLength(3);
  }));

import { expect, test } from "vitest";
import { adviseForwarding } from "#linux/kernel/forwarding.ts";

const settings = (values: Readonly<Record<string, string>>) => (path: string) => values[path];
const off = { "net/ipv4/ip_forward": "0", "net/ipv6/conf/all/forwarding": "0" };

test("without inside networks no packet needs to be forwarded", () => {
  const use = { inside: [], ipv6: true, sources: [] };
  expect(adviseForwarding(use, settings(off))).toEqual([]);
});

test("IPv4 forwarding may be switched on, IPv6 forwarding is left to the operator", () => {
  const use = { inside: ["br-lan"], ipv6: true, sources: [] };
  expect(adviseForwarding(use, settings(off))).toMatchObject([
    { path: "net/ipv4/ip_forward", value: "1", isSafe: true },
    { path: "net/ipv6/conf/all/forwarding", value: "1", isSafe: false },
  ]);
});

test("what is switched on already is not mentioned", () => {
  const on = { "net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1" };
  const use = { inside: ["br-lan"], ipv6: true, sources: ["wan0"] };
  expect(adviseForwarding(use, settings(on))).toEqual([]);
});

test.each([
  ["0", "1", ["net/ipv4/conf/wan1/rp_filter"]],
  ["1", "0", ["net/ipv4/conf/wan0/rp_filter", "net/ipv4/conf/wan1/rp_filter"]],
  ["2", "1", []],
  ["0", "0", []],
])(
  "with rp_filter %s for all and %s on the second of two uplinks, %j is in the way",
  (all, own, paths) => {
    const use = { inside: [], ipv6: false, sources: ["wan0", "wan1"] };
    const values = {
      "net/ipv4/conf/all/rp_filter": all,
      "net/ipv4/conf/wan0/rp_filter": "0",
      "net/ipv4/conf/wan1/rp_filter": own,
    };
    expect(adviseForwarding(use, settings(values)).map(({ path }) => path)).toEqual(paths);
  },
);

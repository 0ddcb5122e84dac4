/** What a diagnosis reads out of the kernel's tables and nft's listing. */
import { expect, test } from "vitest";
import { defaultRouteDevices } from "#daemon/machine-facts.ts";
import { answersArp } from "#daemon/way-facts.ts";
import { duplicatesIn } from "#linux/kernel/rivals.ts";
import { chainsIn } from "#linux/nft/forward-chains.ts";

const arp = `IP address       HW type     Flags       HW address            Mask     Device
192.0.2.1        0x1         0x2         02:00:00:00:00:01     *        wan0
192.0.2.7        0x1         0x0         00:00:00:00:00:00     *        wan0
`;

test.each([
  ["192.0.2.1", "wan0", true],
  ["192.0.2.7", "wan0", false],
  ["192.0.2.1", "wan1", undefined],
  ["192.0.2.9", "wan0", undefined],
])("the next router %s on %s answers: %s", (address, device, answers) => {
  expect(answersArp(arp, address, device)).toBe(answers);
});

const addresses = `20010db8000000000000000000000010 02 40 00 08   wan0
20010db8000000000000000000000011 02 40 00 80   wan0
20010db8000000000000000000000012 03 40 00 08   wan1
`;

test("an IPv6 address whose duplicate was found is told of its own interface only", () => {
  expect(duplicatesIn(addresses, "wan0")).toEqual([
    { address: "2001:db8::10", by: "another device" },
  ]);
});

const forward = { family: "inet", table: "filter", name: "forward", hook: "forward" };
const chains = (policy: string, ...others: readonly object[]) =>
  chainsIn({ nftables: [{ chain: { ...forward, policy } }, ...others] }, ["br-lan", "Tunnel0"]);

test("a chain that drops what is forwarded is found where no rule of its table names the LAN", () => {
  expect(chains("drop")).toEqual(["inet filter forward"]);
  expect(chains("accept")).toEqual([]);
  const named = { match: { op: "==", left: { meta: { key: "iifname" } }, right: "br-lan" } };
  const rule = { family: "inet", table: "filter", chain: "forward", expr: [named] };
  expect(chains("drop", { rule })).toEqual([]);
  expect(chains("drop", { rule: { ...rule, table: "other" } })).toEqual(["inet filter forward"]);
});

test("our own table is not spoken of, and neither is what nft could not list", () => {
  const chain = { ...forward, table: "flexspoke", policy: "drop" };
  expect(chainsIn({ nftables: [{ chain }] }, [])).toEqual([]);
  expect(chainsIn({}, [])).toEqual([]);
});

const routes = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
wan0	00000000	010200C0	0003	0	0	100	00000000	0	0	0
wan1	00000000	016433C6	0003	0	0	200	00000000	0	0	0
hq0	00000000	00000000	0001	0	0	0	00000080	0	0	0
wan0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
`;

test("uplinks are where default routes lead, and half the address space is none", () => {
  expect(defaultRouteDevices(routes)).toEqual(["wan0", "wan1"]);
});

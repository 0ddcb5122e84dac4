import { expect, test } from "vitest";
import type { Prefix } from "#lib/ip.ts";
import { isEverywhere, killSwitchRules, withoutOverlap } from "#linux/nft/kill-switch-rules.ts";

const prefixes = (...texts: string[]) => texts as readonly string[] as readonly Prefix[];
const entry = (client: string, networks: readonly Prefix[], ...allowed: string[]) => ({
  client,
  networks,
  allowed,
});

/** The interfaces by which the rule of `client` lets packets out. */
function exitsOf(rules: readonly (readonly object[])[], client: string): unknown {
  const rule = rules.find((expressions) =>
    expressions.some((part) => "counter" in part && part.counter === `kill-switch.${client}`),
  );
  const matches = rule?.filter((part) => JSON.stringify(part).includes("oifname")) ?? [];
  return (matches as readonly { match: { right: unknown } }[]).map(({ match }) => match.right);
}

test("every rule drops by destination and way out alone, so that no flow is exempt for being known", () => {
  const { forward, output } = killSwitchRules([
    entry("hq", prefixes("10.0.0.0/8", "fd00::/8"), "Tunnel0"),
  ]);
  const text = JSON.stringify([forward, output]);
  expect(text).not.toContain('"ct"');
  expect(forward).toHaveLength(2);
  for (const rule of forward) expect(rule.at(-1)).toEqual({ drop: null });
});

test("packets made here are matched like forwarded ones, with the loopback open and IKE and ESP let through first", () => {
  const { output } = killSwitchRules([entry("hq", prefixes("10.0.0.0/8"), "Tunnel0")]);
  expect(output.slice(0, 2).map((rule) => rule.at(-1))).toEqual([
    { accept: null },
    { accept: null },
  ]);
  expect(exitsOf(output, "hq")).toEqual(["Tunnel0", "lo"]);
});

test("a protected default route holds back what is forwarded, not what the router itself sends", () => {
  const { forward, output } = killSwitchRules([
    entry("hq", prefixes("0.0.0.0/0", "::/0"), "Tunnel0"),
  ]);
  expect(forward).toHaveLength(2);
  expect(output).toEqual([]);
});

test("networks that are only presumed hold back what is forwarded, not what the router itself sends", () => {
  const presumed = {
    ...entry("hq", prefixes("10.0.0.0/8"), "Tunnel0"),
    forwardedOnly: true as const,
  };
  const { forward, output } = killSwitchRules([presumed]);
  expect(forward).toHaveLength(1);
  expect(output).toEqual([]);
});

test("a client that protects nothing has no rule, but a counter to show", () => {
  const { forward, output, counters } = killSwitchRules([entry("hq", [], "Tunnel0")]);
  expect([forward, output]).toEqual([[], []]);
  expect(counters).toEqual(["kill-switch.hq"]);
});

test("with no way out allowed, everything to the network is dropped", () => {
  const { forward } = killSwitchRules([entry("hq", prefixes("10.0.0.0/8"))]);
  expect(forward).toHaveLength(1);
  expect(JSON.stringify(forward)).not.toContain("oifname");
});

test("two clients that protect overlapping networks may each use the other's tunnel, others may not", () => {
  const { forward } = killSwitchRules([
    entry("hq", prefixes("10.0.0.0/8"), "Tunnel0"),
    entry("site", prefixes("10.1.0.0/16"), "Tunnel1"),
    entry("lab", prefixes("172.16.0.0/12"), "Tunnel2"),
  ]);
  expect(exitsOf(forward, "hq")).toEqual(["Tunnel0", "Tunnel1"]);
  expect(exitsOf(forward, "site")).toEqual(["Tunnel0", "Tunnel1"]);
  expect(exitsOf(forward, "lab")).toEqual(["Tunnel2"]);
});

test("networks inside other ones and repeated ones are left out, because nft refuses overlapping sets", () => {
  expect(
    withoutOverlap(prefixes("10.1.0.0/16", "10.0.0.0/8", "10.0.0.0/8", "192.168.0.0/16")),
  ).toEqual(["10.0.0.0/8", "192.168.0.0/16"]);
});

test.each([
  ["0.0.0.0/0", true],
  ["128.0.0.0/1", true],
  ["10.0.0.0/8", false],
  ["::/0", true],
  ["2000::/3", true],
  ["fd00::/8", false],
])("%s stands for everything: %s", (network, claim) => {
  expect(isEverywhere(network as Prefix)).toBe(claim);
});

test("no rule uses a set, which a packet in passing could find empty while rules are replaced", () => {
  const rules = killSwitchRules([
    entry("hq", prefixes("10.0.0.0/8", "172.16.0.0/12", "fd00::/8"), "Tunnel0", "br-lan"),
  ]);
  expect(JSON.stringify(rules)).not.toContain('"set"');
});

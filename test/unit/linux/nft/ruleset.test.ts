import { expect, test } from "vitest";
import { emptyFirewall, type Firewall } from "#dataplane/desired.ts";
import type { Prefix } from "#lib/ip.ts";
import {
  keepKillSwitchTransaction,
  removeTransaction,
  replaceTransaction,
  tableContents,
  updateTransaction,
} from "#linux/nft/ruleset.ts";

const full: Firewall = {
  nat: [{ inside: ["br-lan"], tunnel: "Tunnel0" }],
  killSwitch: [
    { client: "hq", networks: ["10.0.0.0/8" as Prefix], allowed: ["Tunnel0", "br-lan"] },
  ],
  mss: [{ tunnel: "Tunnel0", ipv4: 1360, ipv6: 1340 }],
};
const IN_TABLE = { family: "inet", table: "flexspoke" };

/** `add chain mss`, `delete counter source-nat.Tunnel0`, … */
function summary(commands: readonly object[]): readonly string[] {
  return commands.map((command) => {
    const [verb, objects] = Object.entries(command)[0] ?? [];
    const [kind, target] = Object.entries(objects as object)[0] ?? [];
    return `${verb} ${kind} ${target.name ?? target.chain}`;
  });
}

test("an update keeps the table and replaces all its rules", () => {
  const commands = summary(updateTransaction(full, undefined));
  expect(commands.slice(0, 2)).toEqual(["add table flexspoke", "flush table flexspoke"]);
  expect(commands).not.toContain("delete table flexspoke");
  expect(new Set(commands.filter((command) => command.startsWith("add chain")))).toEqual(
    new Set([
      "add chain kill-switch-forward",
      "add chain kill-switch-output",
      "add chain mss",
      "add chain source-nat",
    ]),
  );
});

test("an update removes chains and counters that are not wanted any more, after the rules that use them", () => {
  const commands = updateTransaction({ ...full, nat: [], mss: [] }, tableContents(full));
  expect(summary(commands).slice(0, 5)).toEqual([
    "add table flexspoke",
    "flush table flexspoke",
    "delete chain mss",
    "delete chain source-nat",
    "delete counter source-nat.Tunnel0",
  ]);
});

test("an empty firewall removes the table", () => {
  expect(updateTransaction(emptyFirewall, tableContents(full))).toEqual(removeTransaction());
  expect(replaceTransaction(emptyFirewall)).toEqual(removeTransaction());
  expect(tableContents(emptyFirewall)).toEqual({ chains: [], counters: [] });
});

test("a replacement starts from no table in the same transaction", () => {
  expect(summary(replaceTransaction(full)).slice(0, 3)).toEqual([
    "add table flexspoke",
    "delete table flexspoke",
    "add table flexspoke",
  ]);
});

test("what the inside sends into the tunnel is translated to the tunnel's own address", () => {
  const rules = updateTransaction(full, undefined).filter(
    (command) => "add" in command && "rule" in (command["add"] ?? {}),
  );
  expect(rules).toContainEqual({
    add: {
      rule: {
        ...IN_TABLE,
        chain: "source-nat",
        expr: [
          { match: { op: "==", left: { meta: { key: "iifname" } }, right: "br-lan" } },
          { match: { op: "==", left: { meta: { key: "oifname" } }, right: "Tunnel0" } },
          { counter: "source-nat.Tunnel0" },
          { masquerade: null },
        ],
      },
    },
  });
});

test("translation without an inside interface is no rule", () => {
  const firewall = { ...emptyFirewall, nat: [{ ...full.nat[0]!, inside: [] }] };
  expect(updateTransaction(firewall, undefined)).toEqual(removeTransaction());
});

test("keeping the kill switch touches none of its chains", () => {
  const commands = summary(keepKillSwitchTransaction(tableContents(full)));
  expect(commands).toEqual([
    "flush chain mss",
    "flush chain source-nat",
    "delete chain mss",
    "delete chain source-nat",
    "delete counter source-nat.Tunnel0",
  ]);
});

test("keeping a kill switch that is not there removes the table", () => {
  const existing = tableContents({ ...full, killSwitch: [] });
  expect(keepKillSwitchTransaction(existing)).toEqual(removeTransaction());
});

import { expect, test } from "vitest";
import { parseTable } from "#linux/nft/table.ts";

const IN_TABLE = { family: "inet", table: "flexspoke" };

test("a listing gives chains and counters, those with an owner by what they count", () => {
  const listing = {
    nftables: [
      { metainfo: { version: "1.0.6", json_schema_version: 1 } },
      { table: { family: "inet", name: "flexspoke", handle: 1 } },
      { counter: { ...IN_TABLE, name: "kill-switch.hq", packets: 3, bytes: 252 } },
      { counter: { ...IN_TABLE, name: "source-nat.Tunnel0", packets: 1, bytes: 84 } },
      { counter: { ...IN_TABLE, name: "someone-elses", packets: 9, bytes: 9 } },
      { chain: { ...IN_TABLE, name: "source-nat", type: "nat", hook: "postrouting", prio: 99 } },
      { rule: { ...IN_TABLE, chain: "source-nat", handle: 7, expr: [] } },
    ],
  };
  expect(parseTable(listing)).toEqual({
    chains: ["source-nat"],
    counters: ["kill-switch.hq", "source-nat.Tunnel0", "someone-elses"],
    counts: {
      killSwitch: [{ client: "hq", packets: 3, bytes: 252 }],
      nat: [{ tunnel: "Tunnel0", packets: 1, bytes: 84 }],
    },
  });
});

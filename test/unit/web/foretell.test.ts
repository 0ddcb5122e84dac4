import { expect, test } from "vitest";
import type { StoredEvent } from "#state/document.ts";
import { exampleState } from "#test/unit/api/example-state.ts";
import { foretell } from "#web/model/foretell.ts";

const up: StoredEvent = {
  id: 50,
  time: "2026-11-24T10:00:00.000Z",
  uptime: 1,
  severity: "informational",
  mnemonic: "FLEXVPN-6-FLEXVPN_CONNECTION_UP",
  client: "hq",
  peer: "203.0.113.7",
  message: "FlexVPN(hq) is up with 203.0.113.7",
  data: { seq: 1001, address: "203.0.113.7", source: "wwan0", "assigned-ipv4": "10.250.3.9" },
};

test("a connection that came up is shown before the state is asked for", () => {
  const { hq } = foretell(exampleState, up).clients;
  expect(hq).toMatchObject({
    state: "up",
    since: up.time,
    peer: { seq: 1001, host: "203.0.113.7", address: "203.0.113.7" },
    source: "wwan0",
    assigned: { ipv4: "10.250.3.9" },
  });
  expect(hq?.standby).toBeUndefined();
});

test("what is fault of the past goes with it", () => {
  const { backup } = foretell(exampleState, { ...up, client: "backup" }).clients;
  expect(backup).toMatchObject({ state: "up", attempts: 0 });
  expect(backup).not.toHaveProperty("reason-code");
  expect(backup).not.toHaveProperty("next-retry");
});

test("events that say nothing about a client leave the state as it is", () => {
  const others = [
    { ...up, mnemonic: "FLEXSPOKE-6-CONNECTING" },
    { ...up, client: "gone" },
    { ...up, data: {} },
  ];
  for (const event of others) expect(foretell(exampleState, event)).toBe(exampleState);
});

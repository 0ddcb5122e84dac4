import { expect, test } from "vitest";
import { compactState, rehearsals } from "#telemetry/mqtt/compact-state.ts";
import { metricsOf } from "#telemetry/mqtt/metrics.ts";
import { exampleState } from "#test/unit/api/example-state.ts";

const counts = { waiting: 0, bytes: 0, delivered: 3, lost: 0 };

test("metrics sum the SAs of a client by direction", () => {
  const { clients } = metricsOf(exampleState, counts, "2026-11-24T10:00:00.000Z") as {
    clients: Record<string, { in: { bytes: number }; rekeys: number }>;
  };
  const bytes = exampleState.ipsec
    .filter(({ client, direction }) => client === "hq" && direction === "in")
    .reduce((sum, sa) => sum + sa.bytes, 0);
  expect(clients["hq"]?.in.bytes).toBe(bytes);
});

test("the compact state has no ages and no counters: it changes only when something happens", () => {
  const later = { ...exampleState, uptime: exampleState.uptime + 60 };
  expect(compactState(later)).toEqual(compactState(exampleState));
  expect(JSON.stringify(compactState(exampleState)).length).toBeLessThan(2_000);
});

test("a rehearsal that still runs is not told of", () => {
  const hq = exampleState.clients["hq"]!;
  const running = { ...hq, rehearsal: { ...hq.rehearsal, running: true } };
  expect(rehearsals({ ...exampleState, clients: { hq: running } })).toBeUndefined();
});

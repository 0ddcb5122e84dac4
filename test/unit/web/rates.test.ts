import { expect, test } from "vitest";
import type { IpsecSaState, StateDocument } from "#state/document.ts";
import { exampleState } from "#test/unit/api/example-state.ts";
import { KEPT_POINTS, lookAt, noRates, type RateHistory } from "#web/model/rates.ts";

const [inbound, outbound] = exampleState.ipsec as [IpsecSaState, IpsecSaState];

const carrying = (received: number, sent: number, spi = "c1a2b3c4"): StateDocument => ({
  ...exampleState,
  ipsec: [
    { ...inbound, spi, bytes: received },
    { ...outbound, bytes: sent },
  ],
});

function after(...looks: readonly (readonly [at: number, document: StateDocument])[]): RateHistory {
  return looks.reduce((history, [at, document]) => lookAt(history, document, at), noRates);
}

test("throughput is what was carried between two looks, a second", () => {
  const { clients } = after([10_000, carrying(1_000, 0)], [12_000, carrying(5_000, 400)]);
  expect(clients["hq"]).toEqual([{ at: 12_000, received: 2_000, sent: 200 }]);
});

test("after a rekey the new SA counts from its beginning", () => {
  const { clients } = after(
    [10_000, carrying(90_000, 0)],
    [12_000, carrying(3_000, 0, "0000abcd")],
  );
  expect(clients["hq"]?.[0]?.received).toBe(1_500);
});

test("a look before the counters were read again is no standstill", () => {
  const { clients } = after(
    [10_000, carrying(1_000, 0)],
    [12_000, carrying(1_000, 0)],
    [13_000, carrying(7_000, 0)],
  );
  expect(clients["hq"]).toEqual([{ at: 13_000, received: 2_000, sent: 0 }]);
});

test("a standstill that lasts is one", () => {
  const { clients } = after([10_000, carrying(1_000, 0)], [14_000, carrying(1_000, 0)]);
  expect(clients["hq"]).toEqual([{ at: 14_000, received: 0, sent: 0 }]);
});

test("a gap in which nobody looked is not spread over", () => {
  const { clients } = after([10_000, carrying(1_000, 0)], [99_000, carrying(9e9, 0)]);
  expect(clients["hq"]).toBeUndefined();
});

test("a page that stays open for days keeps as much as it draws", () => {
  let history = noRates;
  for (let look = 1; look < KEPT_POINTS + 100; look++)
    history = lookAt(history, carrying(look * 100, 0), look * 2_000);
  expect(history.clients["hq"]).toHaveLength(KEPT_POINTS);
});

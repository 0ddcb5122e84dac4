/**
 * Hundreds of branches lose their hub: they come to the other one spread over time, whatever they did before. The figures
 * for 10,000 are in docs/scale.md; so few branches fall into seconds too unevenly to judge, so stretches of five count here.
 */
import { expect, onTestFailed, test } from "vitest";
import { type Aftermath, type Calamity, calamities, suffer } from "#test/support/crowd/calamity.ts";
import { mostWithin } from "#test/support/crowd/rate.ts";

const branches = 200;

function play(calamity: Calamity, seed: number): Aftermath {
  onTestFailed(() => console.error(`crowd: seed ${seed}, ${branches} branches`));
  const aftermath = suffer(calamity, { seed, branches });
  expect(aftermath.up, "branches with a session in the end").toBe(branches);
  expect(aftermath.handshakes.count, "one handshake for each branch").toBe(branches);
  return aftermath;
}

function assertSpread({ crowd, handshakes, instants }: Aftermath): void {
  expect([...crowd.downs], "each lost its session, and no attempt failed").toEqual([
    ["ike.liveness-lost", branches],
  ]);
  const busiest = mostWithin(instants, 5_000);
  expect(busiest / 5).toBeLessThan(2 * handshakes.mean);
  // A crowd in one instant would have a high mean too.
  expect(busiest / branches, "share of the branches in five seconds").toBeLessThan(0.45);
}

test("idle branches that booted at once: DPD is spread over its interval, and so are they when they lose their hub", () => {
  const aftermath = play(calamities.idle, 1);
  assertSpread(aftermath);
  // 200 in 10 s are 2 in a tenth of a second
  expect(aftermath.busiestTenthBefore).toBeLessThan(15);
}, 60_000);

test("busy branches that booted at once come to the other hub spread over time", () => {
  assertSpread(play(calamities.busy, 2));
}, 60_000);

test("branches that boot at once while their first hub is dead come to the second one spread over seconds", () => {
  const { handshakes, instants } = play(calamities.powerReturns, 3);
  expect(handshakes.last - handshakes.first).toBeGreaterThan(3_500);
  expect(mostWithin(instants, 1_000)).toBeLessThan(2 * handshakes.mean);
}, 60_000);

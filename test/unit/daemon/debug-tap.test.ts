/** Who watches, what he gets, and that nothing is left when he goes. */
import { expect, test } from "vitest";
import { Calendar, type Clock } from "#daemon/clock.ts";
import { DebugTap } from "#daemon/debug-tap.ts";
import { Loop, type Observer } from "#daemon/loop.ts";
import type { Services } from "#daemon/services.ts";
import { IkeEngine } from "#ike/engine.ts";
import type { MonotonicMs, WallClock } from "#lib/duration.ts";
import { type DebugLine, debugAreas } from "#state/debug.ts";
import { silentLog } from "../api/example-backend.ts";

const clock: Clock = {
  now: () => 5_000 as MonotonicMs,
  wall: () => Date.UTC(2026, 10, 24, 10, 0, 5) as WallClock,
};

class WatchedLoop extends Loop {
  observers = 0;

  override observe(observer: Observer): () => void {
    this.observers++;
    const end = super.observe(observer);
    return () => {
      this.observers--;
      end();
    };
  }
}

function setUp() {
  const loop = new WatchedLoop(
    clock,
    () => {},
    () => {},
  );
  const ike = new IkeEngine({ random: (length) => new Uint8Array(length) });
  const tap = new DebugTap();
  tap.attach(loop, { ike, clock, calendar: new Calendar(clock) } as unknown as Services);
  const part = (name: string) => ({
    name,
    engine: { handle: () => [{ kind: "done" }], nextTimeout: () => undefined },
    perform: () => {},
    timeout: { kind: "timeout" },
  });
  const give = (name: string, client: string) =>
    loop.give(part(name), { kind: "asked", client } as never);
  const lines: DebugLine[] = [];
  return { loop, tap, ike, give, lines, listener: (line: DebugLine) => lines.push(line) };
}

test("the loop is watched from the first listener to the last", () => {
  const { loop, tap, ike, listener } = setUp();
  expect(loop.observers).toBe(0);
  const ends = [
    tap.listen({ areas: debugAreas }, listener),
    tap.listen({ areas: ["sla"] }, () => {}),
  ];
  expect(loop.observers).toBe(1);
  expect(ike.tracer).toBeDefined();
  for (const end of ends) end?.();
  expect(loop.observers).toBe(0);
  expect(ike.tracer).toBeUndefined();
});

test("a listener gets its areas, and what is about its client", () => {
  const { tap, give, lines, listener } = setUp();
  tap.listen({ areas: ["client"], client: "hq" }, listener);
  give("flexvpn", "hq");
  give("flexvpn", "backup");
  give("dial", "hq");
  expect(lines.map(({ text }) => text)).toEqual(["FlexVPN(hq):<- asked client=hq"]);
  expect(lines[0]).toMatchObject({
    time: "2026-11-24T10:00:05.000Z",
    area: "client",
    client: "hq",
  });
});

test("debug lines of a tapped log are seen whatever its level, and made only when somebody looks", () => {
  const { tap, lines, listener } = setUp();
  let made = 0;
  const log = tap.tapped(silentLog, "kernel").with({ area: "linux" });
  const text = () => `did something ${++made}`;
  log.debug(text);
  expect(made).toBe(0);
  tap.listen({ areas: ["kernel"] }, listener);
  log.debug(text);
  expect(lines.map((line) => line.text)).toEqual(["did something 1"]);
});

test("a ninth listener is refused", () => {
  const { tap } = setUp();
  const ends = Array.from({ length: 8 }, () => tap.listen({ areas: ["sla"] }, () => {}));
  expect(tap.listen({ areas: ["sla"] }, () => {})).toBeUndefined();
  ends[0]?.();
  expect(tap.listen({ areas: ["sla"] }, () => {})).toBeDefined();
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Deadline, DeadlineHeap } from "#lib/deadline-heap.ts";
import type { MonotonicMs } from "#lib/duration.ts";

const at = (time: number): MonotonicMs => time as MonotonicMs;

test("whatever is armed, moved and cancelled, the earliest deadline comes first", () => {
  const step = fc.record({
    which: fc.nat(19),
    at: fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined }),
  });
  void fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const heap = new DeadlineHeap<number>();
      const all = Array.from({ length: 20 }, (_, index) => new Deadline(index));
      const armed = new Map<number, number>();
      for (const { which, at: time } of steps) {
        const deadline = all[which] as Deadline<number>;
        if (time === undefined) heap.cancel(deadline);
        else heap.arm(deadline, at(time));
        if (time === undefined) armed.delete(which);
        else armed.set(which, time);
        expect(heap.size).toBe(armed.size);
        const earliest = armed.size === 0 ? undefined : Math.min(...armed.values());
        expect(heap.first()?.at).toBe(earliest);
        expect(armed.get(heap.first()?.owner ?? -1)).toBe(earliest);
      }
    }),
  );
});

import { expect, test } from "vitest";
import type { MonotonicMs, WallClock } from "#lib/duration.ts";
import type { TimeAction } from "#time/actions.ts";
import { TimeGuard } from "#time/engine.ts";
import type { TimeInput } from "#time/inputs.ts";

const at = (text: string) => Date.parse(`${text}Z`) as WallClock;
const MADE = at("2026-11-01T00:00");
const NOON = at("2027-03-01T12:00");
/** Where a clock begins that nothing kept. */
const DEAD = at("1970-01-01T00:00");

type Began = Extract<TimeInput, { kind: "began" }>;

/** A guard with a machine around it, whose clock goes on by itself; what it did is told as lines. */
class Machine {
  readonly guard = new TimeGuard();
  readonly saved: Extract<TimeAction, { kind: "save" }>[] = [];
  readonly told: { time: WallClock; isEarliest: boolean }[] = [];
  readonly events: string[] = [];
  /** Seconds at which the time servers were to be asked. */
  readonly asked: number[] = [];
  isSynchronised = false;
  now = 0;
  #ahead: number;

  constructor(wall: WallClock, began: Partial<Began> = {}) {
    this.#ahead = wall;
    const given = { made: MADE, keepsTime: false, maySet: true, ...began };
    this.give({ kind: "began", reading: this.reading, ...given });
  }

  get wall(): WallClock {
    return (this.#ahead + this.now) as WallClock;
  }

  get reading() {
    return { wall: this.wall, isSynchronised: this.isSynchronised };
  }

  get view() {
    return this.guard.view(this.now as MonotonicMs);
  }

  /** Events since the last call. */
  get news(): readonly string[] {
    return this.events.splice(0).map((text) => text.replace(/^FLEXSPOKE-\d-CLOCK_/, ""));
  }

  /** Somebody else sets the clock. */
  set(wall: WallClock, isSynchronised = false): this {
    this.#ahead = wall - this.now;
    this.isSynchronised = isSynchronised;
    return this.pass(3);
  }

  pass(seconds: number): this {
    const end = this.now + seconds * 1_000;
    for (;;) {
      const next = this.guard.nextTimeout();
      if (next === undefined || next > end) break;
      this.now = Math.max(this.now, next);
      this.give({ kind: "timeout" });
    }
    this.now = end;
    return this;
  }

  give(input: TimeInput): this {
    for (const action of this.guard.handle(input, this.now as MonotonicMs)) this.#perform(action);
    return this;
  }

  #perform(action: TimeAction): void {
    if (action.kind === "save") this.saved.push(action);
    else if (action.kind === "time") this.told.push(action);
    else if (action.kind === "event")
      this.events.push(`${action.event.mnemonic} ${action.event.message}`);
    else if (action.kind === "ask-servers") this.asked.push(this.now / 1_000);
    else if (action.kind === "set-clock") this.#ahead = action.time - this.now;
    else this.give({ kind: "reading", reading: this.reading });
  }
}

test("a clock that goes on while the machine is off and is not behind is trusted from the start, without a word", () => {
  const machine = new Machine(NOON, { keepsTime: true });
  expect(machine.view).toMatchObject({ isTrusted: true });
  expect(machine.told).toEqual([expect.objectContaining({ time: NOON, isEarliest: false })]);
  expect(machine.pass(86_400).news).toEqual([]);
});

test("a clock that began at 1970 is set to when the software was made, and not trusted", () => {
  const machine = new Machine(DEAD);
  expect(machine.wall).toBe(MADE);
  expect(machine.told.at(-1)).toMatchObject({ time: MADE, isEarliest: true });
  const [untrusted, set] = machine.news;
  expect(untrusted).toMatch(/UNTRUSTED .* said 1970-.*this software was made at 2026-11-01/);
  expect(set).toMatch(/SET the clock was set to 2026-11-01.*it said 1970/);
});

test("the saved time and the beginning of the branch's own certificate count where they are later", () => {
  const saved = { time: NOON };
  const later = at("2027-05-01T00:00");
  expect(new Machine(DEAD, { saved }).wall).toBe(NOON);
  expect(new Machine(DEAD, { saved, ownCertificates: later }).wall).toBe(later);
  expect(new Machine(DEAD, { saved, ownCertificates: MADE }).wall).toBe(NOON);
});

test("elsewhere than on the appliance the clock is left alone, and certificates go by what is known", () => {
  const machine = new Machine(DEAD, { maySet: false, saved: { time: NOON } });
  expect(machine.wall).toBe(DEAD);
  expect(machine.told.at(-1)).toMatchObject({ time: NOON, isEarliest: true });
});

test("a board without a clock that is not behind is not trusted either, and what is known goes on", () => {
  const machine = new Machine(at("2027-04-01T00:00"), { saved: { time: NOON } });
  expect(machine.view.isTrusted).toBe(false);
  expect(machine.news).toEqual([
    expect.stringMatching(/UNTRUSTED .*nothing on this machine keeps the time/),
  ]);
  machine.pass(3_600);
  expect(machine.view.earliest).toBe(NOON + 3_600_000);
});

test("once something synchronises the clock it is trusted within seconds, and saved", () => {
  const machine = new Machine(DEAD);
  const real = at("2027-06-01T08:00");
  machine.pass(60).news;
  machine.set(real, true);
  expect(machine.news).toEqual([expect.stringMatching(/TRUSTED .*synchronised, 212 days forward/)]);
  expect(machine.told.at(-1)).toMatchObject({ isEarliest: false });
  expect(Math.abs((machine.told.at(-1)?.time ?? 0) - real)).toBeLessThan(3_000);
  expect(machine.saved.at(-1)).toMatchObject({ since: "trusted" });
});

test("a clock that is synchronised where it stands is trusted without having moved", () => {
  const machine = new Machine(at("2027-04-01T00:00"), { saved: { time: NOON } });
  machine.news;
  machine.isSynchronised = true;
  expect(machine.pass(3).news).toEqual([
    expect.stringMatching(/TRUSTED .*it is synchronised, and says/),
  ]);
});

test("an operator who sets the clock is believed, even about a time before the saved one", () => {
  const machine = new Machine(DEAD, { saved: { time: at("2036-01-01T00:00") } });
  machine.news;
  machine.set(NOON);
  expect(machine.news).toEqual([expect.stringMatching(/TRUSTED .*somebody set it, \d+ days back/)]);
  expect(machine.saved.at(-1)?.time).toBeLessThan(NOON + 10_000);
});

test("nobody is believed who says that it is before this software was made", () => {
  const machine = new Machine(NOON, { keepsTime: true });
  machine.set(at("2026-10-31T00:00"), true);
  machine.pass(60);
  expect(machine.view.isTrusted).toBe(false);
  expect(machine.news).toEqual([expect.stringMatching(/UNTRUSTED .*said 2026-10-31/)]);
  expect(machine.told.at(-1)).toMatchObject({ isEarliest: true });
  expect(machine.told.at(-1)?.time).toBeGreaterThanOrEqual(NOON);
});

test("a trusted clock that somebody sets stays trusted, and the step is told of", () => {
  const machine = new Machine(NOON, { keepsTime: true });
  machine.set((NOON + 600_000) as WallClock).pass(60);
  expect(machine.news).toEqual([expect.stringMatching(/SET .*1\dm.* forward, by somebody else/)]);
  expect(machine.told.at(-1)).toMatchObject({ isEarliest: false });
});

test("setting the clock ourselves is no reason to trust it", () => {
  const machine = new Machine(DEAD, { keepsTime: true, saved: { time: NOON } });
  machine.pass(3_600);
  expect(machine.view.isTrusted).toBe(false);
});

test("a new process of the same start of the machine knows how the clock stood", () => {
  const later = (NOON + 60_000) as WallClock;
  const trusted = new Machine(later, { saved: { time: NOON, since: "trusted" } });
  expect(trusted.view.isTrusted).toBe(true);
  const raised = new Machine(later, { keepsTime: true, saved: { time: NOON, since: "raised" } });
  expect(raised.view.isTrusted).toBe(false);
});

test("a certificate that comes later lets it be later", () => {
  const machine = new Machine(DEAD);
  machine.give({ kind: "own-certificates", newest: NOON });
  expect(machine.told.at(-1)).toMatchObject({ time: NOON, isEarliest: true });
});

test("what comes up while the clock is not trusted lets the time servers be asked, and not all the time", () => {
  const machine = new Machine(DEAD).pass(10);
  machine.give({ kind: "way-opened" }).pass(1).give({ kind: "way-opened" }).pass(9);
  expect(machine.asked).toEqual([12]);
  machine.give({ kind: "way-opened" }).pass(40);
  expect(machine.asked).toEqual([12, 42]);
});

test("a clock that is trusted needs nobody to be asked", () => {
  const machine = new Machine(NOON, { keepsTime: true });
  machine.give({ kind: "way-opened" }).pass(60);
  expect(machine.asked).toEqual([]);
});

test("the time is saved four times an hour and at the end, and never goes back by itself", () => {
  const machine = new Machine(NOON, { keepsTime: true });
  machine.pass(3_600);
  machine.give({ kind: "end" });
  const times = machine.saved.map(({ time }) => time - NOON);
  expect(times).toEqual([0, 900_000, 1_800_000, 2_700_000, 3_600_000, 3_600_000]);
  expect(machine.guard.nextTimeout()).toBeUndefined();
});

import { expect, test } from "vitest";
import { echo, SlaStory, sla } from "./sla-story.ts";

test("nothing is known before the first result", () => {
  const story = new SlaStory(sla("hub1"));
  expect(story.view("hub1")).toMatchObject({ code: "unknown", reason: "no result yet" });
  expect(story.codes).toEqual([]);
});

test("an answer within the threshold is OK, and is told once", () => {
  const story = new SlaStory(sla("hub1"));
  story.nextProbe();
  story.answer(12.34);
  story.nextProbe();
  story.answer(20);
  expect(story.codes).toEqual(["hub1 ok"]);
  expect(story.view("hub1")).toMatchObject({
    code: "ok",
    reason: "203.0.113.1 answered in 20 ms",
    successes: 2,
    failures: 0,
  });
});

test("an answer later than the threshold is over threshold, and one at the threshold is not", () => {
  const story = new SlaStory(sla("hub1"));
  story.nextProbe();
  story.answer(200);
  story.nextProbe();
  story.answer(200.1);
  expect(story.codes).toEqual(["hub1 ok", "hub1 over-threshold"]);
  expect(story.messages.at(-1)).toBe(
    "ip sla hub1 OK -> OverThreshold: 203.0.113.1 answered in 200 ms, later than 200ms",
  );
});

test("silence is a timeout at the timeout, not at the next start", () => {
  const story = new SlaStory(sla("hub1"));
  story.nextProbe();
  const sent = story.now;
  story.pass(499);
  expect(story.codes).toEqual([]);
  story.pass(1);
  expect(story.codes).toEqual(["hub1 timeout"]);
  expect(story.view("hub1")).toMatchObject({
    since: sent + 500,
    reason: "no answer from 203.0.113.1 within 500ms",
    failures: 1,
  });
});

test("an answer after the timeout changes nothing", () => {
  const story = new SlaStory(sla("hub1"));
  const probe = story.nextProbe();
  story.pass(500);
  story.answer(600, probe);
  expect(story.codes).toEqual(["hub1 timeout"]);
  expect(story.view("hub1")).toMatchObject({ successes: 0, failures: 1 });
});

test("an answer that was late itself does not count even while nobody has noticed the timeout", () => {
  const story = new SlaStory(sla("hub1"));
  story.nextProbe();
  story.sleep(700);
  story.answer(501);
  story.wake();
  expect(story.codes).toEqual(["hub1 timeout"]);
});

test("an answer that came in time counts, however late this process reads it", () => {
  const story = new SlaStory(sla("hub1"));
  story.nextProbe();
  story.sleep(700);
  story.answer(30);
  expect(story.codes).toEqual(["hub1 ok"]);
});

test("an answer to an earlier run is not one to this run", () => {
  const story = new SlaStory(sla("hub1"));
  const first = story.nextProbe();
  story.nextProbe();
  story.answer(30, first);
  expect(story.codes).toEqual(["hub1 timeout"]);
});

test("a refusal is told at once with its reason", () => {
  const story = new SlaStory(sla("hub1"));
  story.nextProbe();
  story.fail("no-connection", "there is no route to 203.0.113.1 by wan0");
  expect(story.codes).toEqual(["hub1 no-connection"]);
  expect(story.messages).toEqual([
    "ip sla hub1 Unknown -> NoConnection: there is no route to 203.0.113.1 by wan0",
  ]);
});

test("a run is abandoned when nothing came, so that its socket can be closed", () => {
  const story = new SlaStory(sla("hub1"));
  const { id } = story.nextProbe();
  story.pass(500);
  expect(story.actions).toContainEqual({ kind: "abandon", id });
});

test("jitter of single packets is smoothed as RFC 3550 has it", () => {
  const story = new SlaStory(sla("hub1"));
  for (const rtt of [10, 20, 20]) {
    story.nextProbe();
    story.answer(rtt);
  }
  expect(story.view("hub1").jitter).toBeCloseTo(10 - 10 / 16, 6);
});

test("round-trip times are latest, least, mean and most; a run without an answer has no latest", () => {
  const story = new SlaStory(sla("hub1"));
  for (const rtt of [10, 40, 22]) {
    story.nextProbe();
    story.answer(rtt);
  }
  expect(story.view("hub1").rtt).toEqual({ latest: 22, min: 10, avg: 24, max: 40 });
  story.nextProbe();
  story.pass(500);
  expect(story.view("hub1").rtt).toEqual({ min: 10, avg: 24, max: 40 });
});

test("the event is given before the change, so that what follows can name it as its cause", () => {
  const story = new SlaStory(sla("hub1"));
  story.nextProbe();
  story.fail("no-connection", "refused");
  const kinds = story.actions.map(({ kind }) => kind);
  expect(kinds.indexOf("event")).toBeLessThan(kinds.indexOf("return-code-changed"));
  expect(story.actions.find(({ kind }) => kind === "return-code-changed")).toEqual({
    kind: "return-code-changed",
    operation: "hub1",
    code: "no-connection",
    subject: "sla:hub1",
  });
});

test("a failure that an interface brought names the interface's event as its cause", () => {
  const story = new SlaStory(sla("hub1", { sourceInterface: "wan0" }));
  const probe = story.nextProbe();
  const reason = "the interface wan0 is down";
  const failure = { kind: "failed", sequence: 0, code: "no-connection", reason } as const;
  story.result(probe, { ...failure, interface: "wan0" });
  const event = story.actions.find((action) => action.kind === "event");
  expect(event?.event.cause).toBe("interface:wan0");
});

test("a probe that flaps tells every change to the tracks and only a few to people", () => {
  const story = new SlaStory(sla("hub1", { frequency: 100, timeout: 50, threshold: 50 }));
  for (let round = 0; round < 100; round++) {
    story.nextProbe();
    if (round % 2 === 0) story.answer(5);
    else story.pass(50);
  }
  expect(story.codes).toHaveLength(100);
  expect(story.messages.length).toBeLessThan(10);
  story.pass(60_000);
  story.nextProbe();
  story.answer(5);
  expect(story.messages.at(-1)).toMatch(/OK.*\(\d+ changes before this one were not told\)$/);
});

test("several packets give mean, jitter and loss, and end with the timeout when some are lost", () => {
  const story = new SlaStory(sla("voice", { operation: echo(4) }));
  const rtts = [10, 14, undefined, 12];
  for (const rtt of rtts) {
    const probe = story.nextProbe();
    if (rtt !== undefined) story.answer(rtt, probe);
  }
  expect(story.codes).toEqual([]);
  story.pass(500);
  expect(story.codes).toEqual(["voice ok"]);
  expect(story.view("voice")).toMatchObject({ jitter: 4, loss: 0.25, rtt: { latest: 12 } });
});

test("several packets are sent as far apart as configured and end the run with the last answer", () => {
  const story = new SlaStory(sla("voice", { operation: echo(3) }));
  const times = [0, 1, 2].map(() => {
    const probe = story.nextProbe();
    story.answer(5, probe);
    return story.now;
  });
  expect([times[1]! - times[0]!, times[2]! - times[1]!]).toEqual([20, 20]);
  expect(story.codes).toEqual(["voice ok"]);
});

test("a packet counts once, whatever the network doubles", () => {
  const story = new SlaStory(sla("voice", { operation: echo(2) }));
  const first = story.nextProbe();
  story.answer(5, first);
  story.answer(9, first);
  const second = story.nextProbe();
  story.answer(7, second);
  expect(story.view("voice").rtt?.latest).toBe(6);
});

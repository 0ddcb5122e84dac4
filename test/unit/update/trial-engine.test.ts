import fc from "fast-check";
import { expect, test } from "vitest";
import { type MonotonicMs, minutes } from "#lib/duration.ts";
import type { ClientStatus } from "#state/document.ts";
import { TrialEngine } from "#update/trial-engine.ts";
import type { TrialInput } from "#update/trial-inputs.ts";

/** A judge with its own time: what it decided is told as lines. */
class Story {
  readonly engine = new TrialEngine();
  readonly lines: string[] = [];
  now = 0;

  give(input: TrialInput): this {
    for (const action of this.engine.handle(input, this.now as MonotonicMs))
      if (action.kind !== "event") this.lines.push(`${action.kind}: ${action.why}`);
    return this;
  }

  pass(seconds: number): this {
    const end = this.now + seconds * 1_000;
    for (let at = this.engine.nextTimeout(); at !== undefined && at <= end; ) {
      this.now = at;
      this.give({ kind: "timeout" });
      at = this.engine.nextTimeout();
    }
    this.now = end;
    return this;
  }

  client(client: string, status: ClientStatus): this {
    const reason = `${client} is ${status}`;
    return this.give({ kind: "client-changed", client, status, reason, link: "wan0" });
  }

  link(link: string, isUsable: boolean): this {
    return this.give({ kind: "link-changed", link, isUsable });
  }
}

/** A system on trial that has to bring back these clients, each over wan0. */
function onTrial(...clients: readonly string[]): Story {
  const expected = clients.map((client) => ({ client, link: "wan0" }));
  const trial = { from: "0.5.0", to: "0.5.1", expected, within: minutes(5) };
  return new Story()
    .give({ kind: "began", clients: ["hq", "backup"] })
    .give({ kind: "try", trial });
}

test("a tunnel that comes up and falls again within ten seconds proves nothing", () => {
  const story = onTrial("hq").client("hq", "up").pass(9).client("hq", "backoff").pass(200);
  expect(story.lines).toEqual([]);
  expect(story.client("hq", "up").pass(10).lines).toEqual(["keep: hq came up again"]);
});

test("every client that was up has to come back", () => {
  const story = onTrial("hq", "backup").client("hq", "up").client("backup", "failed").pass(300);
  expect(story.lines).toEqual([
    "give-up: backup was up before and did not come up within 5m (backup is failed)",
  ]);
});

test("a client that its track object holds is not missed while another one connects the branch", () => {
  const story = onTrial("hq", "backup").client("backup", "tracking").client("hq", "up").pass(10);
  expect(story.lines).toEqual(["keep: hq, backup came up again"]);
});

test("a client that an operator took down is not waited for", () => {
  const story = onTrial("hq").give({ kind: "released", client: "hq" }).pass(60);
  expect(story.lines).toEqual(["keep: it has run for 1m, and nothing had to come back"]);
});

test("the time runs on from where it stood when the link works again", () => {
  const story = onTrial("hq").link("wan0", true).pass(200).link("wan0", false).pass(1_000);
  expect(story.lines).toEqual([]);
  story.link("wan0", true).pass(99);
  expect(story.lines).toEqual([]);
  story.pass(1);
  expect(story.lines).toHaveLength(1);
});

test("a link that the new system does not know at all is no excuse", () => {
  expect(onTrial("hq").pass(300).lines).toHaveLength(1);
});

test("a tunnel that comes up in the last moment still gets its ten seconds", () => {
  const story = onTrial("hq").pass(299).client("hq", "up").pass(10);
  expect(story.lines).toEqual(["keep: hq came up again"]);
});

test("what is up now is what an update has to bring back", () => {
  const story = new Story().give({ kind: "began", clients: ["hq", "backup"] });
  story.client("hq", "up").client("backup", "failed").client("gone", "up");
  expect(story.engine.upNow()).toEqual([{ client: "hq", link: "wan0" }]);
});

test("whatever happens, a trial ends once, and within an hour and the ten seconds", () => {
  const happening = fc.oneof(
    fc.record({
      client: fc.constantFrom("hq", "backup"),
      status: fc.constantFrom<ClientStatus>("up", "backoff", "idle", "tracking"),
    }),
    fc.record({ link: fc.boolean() }),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(happening, fc.integer({ min: 0, max: 400 })), { maxLength: 30 }),
      (course) => {
        const story = onTrial("hq", "backup");
        for (const [what, seconds] of course) {
          if ("link" in what) story.link("wan0", what.link);
          else story.client(what.client, what.status);
          story.pass(seconds);
        }
        story.pass(3_700);
        expect(story.lines).toHaveLength(1);
        expect(story.engine.nextTimeout()).toBeUndefined();
      },
    ),
    { seed: 3, numRuns: 200 },
  );
});

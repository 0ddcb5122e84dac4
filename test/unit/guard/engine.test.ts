import { expect, test } from "vitest";
import type { GuardAction } from "#guard/actions.ts";
import { GuardEngine } from "#guard/engine.ts";
import type { GuardInput } from "#guard/inputs.ts";
import { type MonotonicMs, minutes } from "#lib/duration.ts";
import type { ClientStatus } from "#state/document.ts";

const within = minutes(3);

/** A guard with its own time: what it did is told as lines. */
class Story {
  readonly guard = new GuardEngine();
  readonly lines: string[] = [];
  now = 0;

  give(input: GuardInput): this {
    this.#note(this.guard.handle(input, this.now as MonotonicMs));
    return this;
  }

  /** Lets time pass, waking the guard whenever it asks. */
  pass(seconds: number): this {
    const end = this.now + seconds * 1_000;
    for (let at = this.guard.nextTimeout(); at !== undefined && at <= end; ) {
      this.now = at;
      this.give({ kind: "timeout" });
      at = this.guard.nextTimeout();
    }
    this.now = end;
    return this;
  }

  client(client: string, status: ClientStatus, link?: string): this {
    const reason = `${client} is ${status}`;
    return this.give({
      kind: "client-changed",
      client,
      status,
      reason,
      ...(link === undefined ? {} : { link }),
    });
  }

  change(clients: readonly string[], needsConfirm?: true): this {
    const asked = needsConfirm ? { needsConfirm } : {};
    this.give({ kind: "changed", clients, by: "SIGHUP", within, ...asked });
    return this.give({ kind: "timeout" });
  }

  #note(actions: readonly GuardAction[]): void {
    for (const action of actions) {
      if (action.kind === "event")
        this.lines.push(action.event.mnemonic.replace(/.*CONFIGURATION_/, ""));
      else if (action.kind === "undo") this.lines.push(`undo: ${action.why}`);
      else if (action.kind === "keep") this.lines.push("keep");
      else this.lines.push(action.trial ? "trial" : "no trial");
    }
  }
}

/** hq is up and the configuration that made it so is kept. */
function connected(): Story {
  const story = new Story().give({ kind: "began", clients: ["hq"] });
  story.give({ kind: "link-changed", link: "wan0", isUsable: true });
  story.client("hq", "up", "wan0").pass(10);
  expect(story.lines.splice(0)).toEqual(["keep"]);
  return story;
}

test("a configuration that connects the branch is kept once it has done so for a moment", () => {
  const story = new Story().give({ kind: "began", clients: ["hq"] }).client("hq", "up");
  expect(story.pass(4).lines).toEqual([]);
  expect(story.pass(2).lines).toEqual(["keep"]);
});

test("what never came up is not kept", () => {
  const story = new Story().give({ kind: "began", clients: ["hq"] }).client("hq", "connecting");
  expect(story.pass(3_600).lines).toEqual([]);
  expect(story.guard.view().isKept).toBe(false);
});

test("a reload that disturbs nothing is kept without a word", () => {
  const story = connected().change(["hq"]).pass(6);
  expect(story.lines).toEqual(["trial", "no trial", "keep"]);
});

test("a client that comes up again in time keeps the configuration", () => {
  const story = connected().change(["hq"]).client("hq", "connecting").pass(100);
  story.client("hq", "up", "wan0").pass(6);
  expect(story.lines).toEqual(["trial", "ON_TRIAL", "KEPT", "no trial", "keep"]);
});

test("a client that does not come up again has the configuration undone, and its reason told", () => {
  const story = connected().change(["hq"]).client("hq", "connecting");
  expect(story.pass(179).lines).toEqual(["trial", "ON_TRIAL"]);
  story.pass(2);
  expect(story.lines.slice(2)).toEqual([
    "no trial",
    "undo: hq was up before and did not come up within 3m (hq is connecting)",
  ]);
});

test("why it last failed is told, not what it happens to be trying when its time is over", () => {
  const story = connected().change(["hq"]).client("hq", "backoff").client("hq", "connecting");
  story.pass(181);
  expect(story.lines.at(-1)).toContain("did not come up within 3m (hq is backoff)");
});

test("a failure before the change is not told as one of the change", () => {
  const story = connected().client("hq", "backoff").client("hq", "up").change(["hq"]);
  story.client("hq", "connecting").pass(181);
  expect(story.lines.at(-1)).toContain("did not come up within 3m (hq is connecting)");
});

test("up for less than a moment proves nothing", () => {
  const story = connected().change(["hq"]).client("hq", "connecting").pass(175);
  story.client("hq", "up", "wan0").pass(3).client("hq", "connecting").pass(10);
  expect(story.lines.at(-1)).toContain("undo: hq was up before");
});

test("while the link that was used is down the time stands still", () => {
  const story = connected().change(["hq"]).client("hq", "connecting").pass(60);
  story.give({ kind: "link-changed", link: "wan0", isUsable: false }).pass(3_600);
  expect(story.lines).toEqual(["trial", "ON_TRIAL"]);
  expect(story.guard.view().trial).toEqual({ by: "SIGHUP", lacking: ["hq"], needsConfirm: false });
  story.give({ kind: "link-changed", link: "wan0", isUsable: true });
  expect(story.pass(119).lines).toEqual(["trial", "ON_TRIAL"]);
  expect(story.pass(2).lines.at(-1)).toContain("undo");
});

test("a client that was taken out is not missed while another connects the branch", () => {
  const story = connected().change(["lab"]).client("hq", "idle").client("lab", "up").pass(6);
  expect(story.lines.at(-1)).toBe("keep");
});

test("a configuration without any client that connects is undone", () => {
  const story = connected().change([]).pass(200);
  expect(story.lines.at(-1)).toBe(
    "undo: hq was up before and did not come up within 3m (it is not in the new configuration)",
  );
});

test("a client that its track object holds is not missed while another is up, and is when none is", () => {
  const both = () => {
    const story = new Story().give({ kind: "began", clients: ["hq", "backup"] });
    story.client("hq", "up").client("backup", "up").pass(10).change(["hq", "backup"]);
    return story.client("backup", "tracking");
  };
  expect(both().pass(6).lines.at(-1)).toBe("keep");
  expect(both().client("hq", "connecting").pass(200).lines.at(-1)).toContain("undo: hq was up");
});

test("an operator who takes the client down is not answered by an undo", () => {
  const story = connected().change(["hq"]).client("hq", "connecting");
  story.give({ kind: "released", client: "hq" }).client("hq", "idle").pass(1_000);
  expect(story.lines.some((line) => line.startsWith("undo"))).toBe(false);
});

test("without anything up before, only a confirmation keeps what was asked to be confirmed", () => {
  const start = () => new Story().give({ kind: "began", clients: ["hq"] }).change(["hq"], true);
  expect(start().pass(181).lines).toEqual([
    "trial",
    "ON_TRIAL",
    "no trial",
    "undo: nobody confirmed it within 3m",
  ]);
  const confirmed = start().pass(100).give({ kind: "confirm", by: "command line" }).pass(200);
  expect(confirmed.lines).toEqual(["trial", "ON_TRIAL", "KEPT", "no trial", "keep"]);
});

test("a second change before the first is proved has to bring back what was up before the first", () => {
  const story = connected().change(["hq"]).client("hq", "connecting").pass(100).change(["hq"]);
  story.pass(150);
  expect(story.lines.some((line) => line.startsWith("undo"))).toBe(false);
  expect(story.pass(40).lines.at(-1)).toContain("undo: hq was up before");
});

test("a trial goes on in the next life of the process", () => {
  const trial = { expected: [{ client: "hq", link: "wan0" }], within };
  const story = new Story().give({ kind: "began", clients: ["hq"], trial });
  expect(story.pass(181).lines.at(-1)).toContain("undo: hq was up before");
});

test("after an undo the configuration in force is kept only when it connects again", () => {
  const story = connected().change(["hq"]).client("hq", "connecting").pass(181);
  story.lines.length = 0;
  story.give({ kind: "undone", clients: ["hq"] }).pass(100);
  expect(story.lines).toEqual([]);
  expect(story.client("hq", "up", "wan0").pass(6).lines).toEqual(["keep"]);
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { minutes, seconds } from "#lib/duration.ts";
import {
  client,
  hub1,
  hub2,
  hubGone,
  ip,
  noAnswer,
  outcome,
  peerAt,
  peerNamed,
  Story,
} from "./story.ts";

const main = client({ backupGroup: "main" });
const spare = client({ name: "spare", tunnel: "Tunnel1", backupGroup: "main" });

function both(): Story {
  const story = Story.ofMany(main, spare);
  story.give({ kind: "start" });
  return story;
}

const peerOf = (story: Story, name: string) => story.viewOf(name).peer?.address;

test("two clients of a group never use the same peer", () => {
  const story = both();

  expect(peerOf(story, "hq")).toBe(hub1);
  expect(peerOf(story, "spare")).toBe(hub2);
});

test("clients without a group may share a peer", () => {
  const story = Story.ofMany(client(), client({ name: "spare", tunnel: "Tunnel1" }));
  story.give({ kind: "start" });

  expect(peerOf(story, "spare")).toBe(hub1);
});

test("a client whose peers are all in use waits, says who has them, and goes on when one is free", () => {
  const story = Story.ofMany(
    { ...main, peers: [peerAt(10, hub1)] },
    { ...spare, peers: [peerAt(10, hub1)] },
  );
  story.give({ kind: "start" });
  expect(story.viewOf("spare")).toMatchObject({
    status: "tracking",
    reason: `no peer may be used: ${hub1}: client hq of its backup group uses it`,
  });

  story.give({ kind: "disconnect", client: "hq", by: "test" });

  expect(peerOf(story, "spare")).toBe(hub1);
});

test("a peer by name that another client lets go of is tried at once, not after the back-off", () => {
  const named = [peerNamed(10, "hub.example.net")];
  const story = Story.ofMany({ ...main, peers: named }, { ...spare, peers: named });
  story.give({ kind: "start" });
  for (const { id } of story.all("resolve"))
    story.give({ kind: "resolved", id, addresses: [ip(hub1)] });
  expect(story.viewOf("spare").status).toBe("backoff");
  expect(story.viewOf("spare").peers[0]?.lastFailure).toMatch(/client hq of its backup group uses/);

  story.give({ kind: "disconnect", client: "hq", by: "test" });

  expect(story.viewOf("spare").status).toBe("resolving");
});

test("for any order of events two clients of a group never share a peer, and neither stays idle for long while one is free", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("up" as const), age: fc.nat(3) }),
    fc.record({ do: fc.constant("down" as const), age: fc.nat(3), silent: fc.boolean() }),
    fc.record({ do: fc.constant("pass" as const), seconds: fc.nat(90) }),
    fc.record({
      do: fc.constantFrom("connect" as const, "disconnect" as const, "clear" as const),
      client: fc.constantFrom("hq", "spare"),
    }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60, size: "max" }), (steps) => {
      const story = both();
      const over = new Set<number>();
      for (const each of steps) {
        if (each.do === "pass") story.pass(seconds(each.seconds));
        else if (each.do === "up" || each.do === "down") {
          const session = story.all("open-session").at(-1 - each.age);
          if (!session || over.has(session.session)) continue;
          const path = { ...outcome().path, remote: session.remote };
          if (each.do === "up")
            story.give({
              kind: "session-up",
              session: session.session,
              outcome: outcome({ path }),
            });
          else {
            over.add(session.session);
            const reason = each.silent ? hubGone : noAnswer;
            story.give({ kind: "session-down", session: session.session, reason });
          }
        } else story.give({ kind: each.do, client: each.client, by: "test" });
        const used = [peerOf(story, "hq"), peerOf(story, "spare")];
        if (used[0] !== undefined) expect(used[0]).not.toBe(used[1]);
      }
      for (const name of ["hq", "spare"]) story.give({ kind: "clear", client: name, by: "test" });
      story.pass(minutes(1));
      for (const name of ["hq", "spare"])
        expect(story.viewOf(name).status).toMatch(/connecting|authenticating|up|backoff/);
    }),
    { seed: 24, numRuns: 150 },
  );
});

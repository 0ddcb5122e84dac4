import { expect, test } from "vitest";
import { FAILURES_TO_RESET, HELD_LONG_ENOUGH } from "#dial/dialer-moves.ts";
import { minutes, seconds } from "#lib/duration.ts";
import { SecretBytes } from "#lib/secret.ts";
import { clientSubject, dialerSubject, trackSubject } from "#state/event.ts";
import { dialer, dropped, finished, gone, modem, refused, Story, silent } from "./story.ts";

test("a dialer is told of at once, idle, with the interface that the configuration names", () => {
  const story = Story.of(dialer());

  expect(story.all("dialer-changed")).toEqual([
    {
      kind: "dialer-changed",
      dialer: "lte",
      state: "idle",
      interface: "ppp-lte",
      why: { message: "nobody demands the line" },
      cause: dialerSubject("lte"),
    },
  ]);
});

test("nothing is dialled before somebody demands it, and the first demand dials at once", () => {
  const story = Story.of(dialer());
  story.pass(minutes(60));
  expect(story.all("dial")).toEqual([]);

  story.demand();

  expect(story.all("dial")).toHaveLength(1);
  expect(story.status).toBe("dialing");
  expect(story.events.at(-1)).toMatchObject({
    mnemonic: "FLEXSPOKE-6-DIALING",
    message: "dialer lte: dialing for client hq",
    cause: clientSubject("hq"),
  });
});

test("a demand before the start is dialled at the start", () => {
  const story = new Story();
  story.configure(dialer());
  story.demand();
  expect(story.all("dial")).toEqual([]);

  story.give({ kind: "start" });

  expect(story.all("dial")).toHaveLength(1);
});

test("a demand for a dialer that is configured later is not forgotten", () => {
  const story = new Story();
  story.give({ kind: "start" });
  story.demand();

  story.configure(dialer());

  expect(story.status).toBe("dialing");
});

test("a track object in the state that is asked for demands the line, and is the cause", () => {
  const story = Story.of(dialer({ demand: { track: "primary", state: "down" } }));
  story.track("up");
  story.track("down", "other");
  expect(story.status).toBe("idle");

  story.track("down");

  expect(story.status).toBe("dialing");
  expect(story.view.demandedBy).toEqual(["track primary down"]);
  expect(story.events.at(-1)?.cause).toBe(trackSubject("primary"));
  story.track("up");
  expect(story.mnemonics.at(-1)).toBe("FLEXSPOKE-6-DIAL_RELEASED");
});

test("a line that is up is bound to its interface, and every later demand finds it there", () => {
  const story = Story.of(dialer());
  story.demand();
  story.pass(seconds(7));
  story.up();
  story.demand(true, "other");

  expect(story.all("dial")).toHaveLength(1);
  expect(story.all("dialer-changed").at(-1)).toMatchObject({
    state: "connected",
    interface: "ppp-lte",
  });
  expect(story.events.at(-1)).toMatchObject({
    mnemonic: "DIALER-6-BIND",
    message: "dialer lte: interface ppp-lte is up after 7s, address 100.64.3.9",
  });
});

test("a line is hung up when nobody demanded it for the idle time, and not a moment before", () => {
  const story = Story.of(dialer());
  story.demand();
  story.demand(true, "other");
  story.up();
  story.demand(false);
  story.pass(minutes(10));
  expect(story.status).toBe("connected");

  story.demand(false, "other");
  story.pass(minutes(5) - 1);
  expect(story.status).toBe("connected");
  story.pass(1);

  expect(story.status).toBe("hanging-up");
  expect(story.all("hang-up")).toHaveLength(1);
  story.end(gone);
  expect(story.status).toBe("idle");
  expect(story.view.why.message).toBe("nobody demanded the line for 5m");
});

test("a new demand within the idle time keeps the line", () => {
  const story = Story.of(dialer());
  story.demand();
  story.up();
  story.demand(false);
  story.pass(minutes(4));
  story.demand();
  story.pass(minutes(60));

  expect(story.status).toBe("connected");
  expect(story.all("dial")).toHaveLength(1);
});

test("the idle time runs while dialing, so that a demand that comes and goes costs one attempt", () => {
  const story = Story.of(dialer({ idle: seconds(30), timeout: minutes(2) }));
  story.demand();
  story.demand(false);
  story.demand();
  story.demand(false);
  story.pass(seconds(30));

  expect(story.status).toBe("hanging-up");
  expect(story.all("dial")).toHaveLength(1);
  expect(story.view.failures).toBe(0);
});

test("a demand that comes while the line is hung up is dialled as soon as it is down", () => {
  const story = Story.of(dialer({ idle: seconds(1) }));
  story.demand();
  story.up();
  story.demand(false);
  story.pass(seconds(1));
  story.demand();
  expect(story.all("dial")).toHaveLength(1);

  story.end(gone);

  expect(story.all("dial")).toHaveLength(2);
});

test("a line that drops while it is demanded is dialled again at once", () => {
  const story = Story.of(dialer());
  story.demand();
  story.up();
  story.pass(HELD_LONG_ENOUGH);
  story.end(dropped);

  expect(story.status).toBe("dialing");
  expect(story.mnemonics.slice(-2)).toEqual(["FLEXSPOKE-4-DIAL_LOST", "FLEXSPOKE-6-DIALING"]);
  expect(story.view.lastFailure?.why).toEqual(dropped);
});

test("a line that drops while nobody demands it stays down", () => {
  const story = Story.of(dialer());
  story.demand();
  story.up();
  story.demand(false);
  story.pass(minutes(1));
  story.end(dropped);

  expect(story.status).toBe("idle");
  expect(story.engine.nextTimeout()).toBeUndefined();
});

test("a line that comes up and drops again and again is dialled more and more seldom", () => {
  const story = Story.of(dialer());
  story.demand();
  const waits: number[] = [];
  for (let round = 0; round < 4; round++) {
    story.up();
    story.pass(seconds(10));
    story.end(dropped);
    waits.push((story.view.retryAt ?? 0) - story.now);
    story.pass(minutes(10));
  }

  expect(waits.map((wait, index) => wait >= 5_000 * 2 ** index)).toEqual([true, true, true, true]);
});

test("a failure says why, waits, doubles the wait up to the longest, and is forgotten once a line held", () => {
  const story = Story.of(dialer({ backoff: { initial: seconds(5), max: seconds(60) } }));
  story.demand();
  const waits: number[] = [];
  for (let round = 0; round < 6; round++) {
    story.end(refused);
    expect(story.status).toBe("backoff");
    waits.push((story.view.retryAt ?? 0) - story.now);
    story.pass(seconds(90));
  }
  for (const [index, least] of [5, 10, 20, 40, 60, 60].entries()) {
    expect(waits[index]).toBeGreaterThanOrEqual(least * 1_000);
    expect(waits[index]).toBeLessThanOrEqual(least * 1_250);
  }
  expect(story.events.find(({ mnemonic }) => mnemonic === "FLEXSPOKE-4-DIAL_FAILED")).toMatchObject(
    {
      message: "dialer lte: authentication failed (correct user name and password)",
      data: { "reason-code": "dial.authentication-failed", "failures-in-a-row": 1 },
      cause: dialerSubject("lte"),
    },
  );

  story.up();
  story.pass(HELD_LONG_ENOUGH);
  story.end(dropped);
  story.end(refused);
  expect((story.view.retryAt ?? 0) - story.now).toBeLessThanOrEqual(6_250);
});

test("a demand that goes and comes does not shorten the wait", () => {
  const story = Story.of(dialer());
  story.demand();
  story.end(refused);
  const { retryAt } = story.view;
  story.demand(false);
  story.demand();
  expect(story.all("dial")).toHaveLength(1);
  expect(story.view.retryAt).toBe(retryAt);

  story.demand(false);
  story.pass(seconds(10));
  expect(story.status).toBe("idle");
});

test("an attempt that takes too long is asked to end, then killed, and counts as a failure", () => {
  const story = Story.of(dialer());
  story.demand();
  story.pass(seconds(60));
  expect(story.status).toBe("hanging-up");
  expect(story.all("hang-up")).toHaveLength(1);
  expect(story.all("kill")).toEqual([]);
  story.pass(seconds(5));
  expect(story.all("kill")).toHaveLength(1);
  expect(story.mnemonics.at(-1)).toBe("FLEXSPOKE-4-DIAL_KILLED");
  expect(story.all("dial")).toHaveLength(1);

  story.end({ code: "dial.peer-silent", message: "the peer does not answer" });

  expect(story.status).toBe("backoff");
  expect(story.view).toMatchObject({ failures: 1, failuresInARow: 1 });
  expect(story.view.lastFailure?.why.message).toBe(
    "no connection within 1m: the peer does not answer",
  );
});

test("a modem that hangs is reset before the wait begins", () => {
  const story = Story.of(dialer({ reset: ["reset-modem"] }));
  story.demand();
  story.pass(seconds(60));
  story.end(gone);
  expect(story.status).toBe("resetting");
  expect(story.all("reset")).toHaveLength(1);
  expect(story.mnemonics.at(-1)).toBe("FLEXSPOKE-4-MODEM_RESET");

  story.end(finished);

  expect(story.status).toBe("backoff");
  expect(story.view.resets).toBe(1);
});

test("a reset that fails or hangs is told, and the wait begins all the same", () => {
  const story = Story.of(dialer({ line: modem }));
  story.demand();
  story.end(silent);
  story.end({ code: "dial.command-failed", message: "mmcli ended with 1" });
  expect(story.events.at(-2)?.message).toBe(
    "dialer lte: the modem could not be reset: mmcli ended with 1",
  );
  expect(story.status).toBe("backoff");

  story.pass(seconds(10));
  story.end(silent);
  story.pass(seconds(60));
  expect(story.status).toBe("resetting");
  expect(story.all("kill")).toHaveLength(1);
  story.pass(seconds(10));
  expect(story.all("kill")).toHaveLength(2);
  story.end(gone);
  expect(story.status).toBe("backoff");
});

test("a wrong password never resets the modem, failures of unknown cause do when there are many", () => {
  const resets = [refused, dropped].map((end) => {
    const story = Story.of(dialer({ reset: ["reset-modem"] }));
    story.demand();
    for (let failures = 1; failures <= FAILURES_TO_RESET; failures++) {
      expect(story.all("reset")).toEqual([]);
      story.end(end);
      story.pass(seconds(30));
    }
    return story.all("reset").length;
  });

  expect(resets).toEqual([0, 1]);
});

test("a program that not even a kill ends is told of, reset, and nothing is dialled beside it", () => {
  const story = Story.of(dialer({ reset: ["reset-modem"] }));
  story.demand();
  const { line } = story;
  story.pass(seconds(75));
  expect(story.mnemonics).toContain("FLEXSPOKE-3-DIAL_STUCK");
  expect(story.status).toBe("resetting");
  story.give({ kind: "line-ended", line: story.line, end: finished });
  expect(story.status).toBe("hanging-up");
  story.pass(minutes(60));
  expect(story.all("dial")).toHaveLength(1);
  expect(story.mnemonics.filter((name) => name === "FLEXSPOKE-3-DIAL_STUCK")).toHaveLength(1);

  story.give({ kind: "line-ended", line, end: gone });
  story.end(finished);
  story.pass(minutes(10));
  expect(story.all("dial")).toHaveLength(2);
});

test("a program that ends while the modem is reset makes way for the next attempt", () => {
  const story = Story.of(dialer({ reset: ["reset-modem"] }));
  story.demand();
  const stuck = story.line;
  story.pass(seconds(75));
  story.give({ kind: "line-ended", line: stuck, end: gone });
  expect(story.status).toBe("resetting");
  story.end(finished);

  expect(story.status).toBe("backoff");
});

test("a dialer that hangs does not keep another one waiting", () => {
  const story = Story.of(dialer(), dialer({ name: "dsl", interface: "ppp-dsl" }));
  story.demand();
  story.pass(minutes(30));
  expect(story.status).toBe("hanging-up");

  story.demand(true, "hq", "dsl");

  expect(story.all("dial").map(({ dialer: { name } }) => name)).toEqual(["lte", "dsl"]);
});

test("what an earlier daemon left is ended before anything is dialled", () => {
  const story = new Story();
  story.configure(dialer());
  story.give({ kind: "leftover", dialer: "lte" });
  story.give({ kind: "start" });
  story.demand();
  expect(story.all("recover")).toHaveLength(1);
  expect(story.all("dial")).toEqual([]);
  story.pass(seconds(5));
  expect(story.all("kill")).toHaveLength(1);

  story.end(gone);

  expect(story.all("dial")).toHaveLength(1);
});

test("news of a run that is over changes nothing", () => {
  const story = Story.of(dialer());
  story.demand();
  const { line } = story;
  story.end(refused);
  const before = story.log.length;
  story.give({ kind: "line-up", line, facts: {} });
  story.give({ kind: "line-ended", line, end: dropped });

  expect(story.log).toHaveLength(before);
});

test("a dialer that is dialled in another way from now on is hung up and dialled anew", () => {
  const story = Story.of(dialer());
  story.demand();
  story.up();
  story.configure(dialer({ idle: minutes(1) }));
  expect(story.status).toBe("connected");
  story.configure(dialer({ line: { kind: "pppd", peer: "other" } }));
  expect(story.status).toBe("hanging-up");
  story.end(gone);

  expect(story.all("dial").at(-1)?.dialer.line).toEqual({ kind: "pppd", peer: "other" });
});

test("a correction of what failed is tried at once", () => {
  const story = Story.of(dialer());
  story.demand();
  story.end(refused);
  story.configure(dialer({ line: { kind: "pppd", peer: "other" } }));

  expect(story.status).toBe("dialing");
});

test("a dialer that is gone from the configuration is hung up, and not dialled twice when it returns", () => {
  const story = Story.of(dialer());
  story.demand();
  story.up();
  story.configure();
  expect(story.all("hang-up")).toHaveLength(1);
  expect(story.engine.isQuiet).toBe(false);
  story.configure(dialer());
  expect(story.all("dial")).toHaveLength(1);
  story.end(gone);
  expect(story.all("dial")).toHaveLength(2);

  story.configure();
  story.end(gone);
  expect(story.engine.isQuiet).toBe(true);
  expect(story.engine.nextTimeout()).toBeUndefined();
});

test("another track object, or none, is believed from the moment it is configured", () => {
  const story = Story.of(dialer());
  story.track("down");
  story.configure(dialer({ demand: { track: "primary", state: "down" } }));
  expect(story.status).toBe("dialing");
  story.configure(dialer({ demand: { track: "primary", state: "up" } }));
  expect(story.view.demandedBy).toEqual([]);
  story.configure(dialer());
  expect(story.view.demandedBy).toEqual([]);
});

test("when the daemon ends every line is hung up, quickly, and none is dialled again", () => {
  const story = Story.of(
    dialer(),
    dialer({ name: "dsl", interface: "ppp-dsl" }),
    dialer({ name: "bad", interface: "ppp-bad" }),
  );
  for (const name of ["lte", "dsl", "bad"]) story.demand(true, "hq", name);
  story.end(refused);
  story.up();
  story.give({ kind: "shut-down", reason: "stopped by SIGTERM" });
  expect(story.all("hang-up")).toHaveLength(2);
  story.pass(seconds(5));
  expect(story.all("kill")).toHaveLength(2);
  story.end(gone);
  story.end(gone);
  story.demand();
  story.pass(minutes(60));

  expect(story.engine.isQuiet).toBe(true);
  expect(story.all("dial")).toHaveLength(3);
  expect(story.engine.nextTimeout()).toBeUndefined();
});

test("times and counts are kept", () => {
  const story = Story.of(dialer({ idle: seconds(1) }));
  story.demand();
  story.end(refused);
  story.pass(seconds(10));
  story.up();
  story.pass(minutes(2));
  story.demand(false);
  story.pass(seconds(2));
  story.end(gone);
  story.demand();
  story.up();
  story.pass(seconds(30));

  expect(story.view).toMatchObject({
    attempts: 3,
    failures: 1,
    connections: 2,
    connectedSince: story.now - 30_000,
  });
  expect(story.view.connectedMs).toBeGreaterThan(150_000);
});

test("a password that a new configuration replaces is wiped, the one in use is not", () => {
  const line = () => ({
    kind: "pppoe" as const,
    interface: "eth2",
    username: "u",
    password: new SecretBytes(new TextEncoder().encode("secret")),
  });
  const [first, second] = [line(), line()];
  const story = Story.of(dialer({ line: first }));
  story.demand();
  story.up();
  story.configure(dialer({ line: second }));
  expect(story.status).toBe("connected");
  expect([first, second].map(({ password }) => password.isWiped)).toEqual([true, false]);

  story.engine.wipe();
  expect(second.password.isWiped).toBe(true);
});

test("a line that is wanted at all times is dialled at the start and never hung up for want of demand", () => {
  const story = Story.of(dialer({ demand: "always" }));
  expect(story.status).toBe("dialing");
  story.up();
  story.demand();
  story.demand(false);
  story.pass(minutes(60));
  expect(story.status).toBe("connected");
});

test("a line that is wanted at all times from now on is dialled, and one that is not any more is hung up", () => {
  const story = Story.of(dialer());
  story.configure(dialer({ demand: "always" }));
  expect(story.status).toBe("dialing");
  story.up();
  story.configure(dialer());
  story.pass(minutes(5));
  expect(story.status).toBe("hanging-up");
});

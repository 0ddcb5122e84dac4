import { expect, test } from "vitest";
import type { StoredEvent } from "#state/document.ts";
import { exampleEvents } from "#test/page/example-events.ts";
import { shownSteps } from "#web/model/steps-shown.ts";
import { causesOf, sentenceOf, storiesOf } from "#web/model/story.ts";

const events = exampleEvents(Date.parse("2026-11-24T10:00:00.000Z"));
const stories = storiesOf(events);
const told = (kind: string) => stories.find((story) => story.kind === kind);

/** The example up to and without the event of this kind that comes last. */
function until(mnemonic: string): readonly StoredEvent[] {
  return events.slice(
    0,
    events.findLastIndex((event) => event.mnemonic.endsWith(mnemonic)),
  );
}

test("the newest story stands first", () => {
  expect(stories.map(({ kind }) => kind)).toEqual(["outage", "return", "failover", "connected"]);
});

test("a failover tells what was lost, why, and how long there was nothing", () => {
  expect(told("failover")).toMatchObject({
    client: "hq",
    title: "Failed over from hub1.example.net to hub2.example.net",
    because: expect.stringContaining("The hub no longer answers: 4 requests"),
    gap: 12,
    isOver: true,
  });
});

test("the steps of a failover lead from the first cause to the new connection", () => {
  expect(told("failover")?.steps.map(({ event }) => event.mnemonic)).toEqual([
    "IKEV2-5-SA_DOWN",
    "FLEXVPN-6-FLEXVPN_CONNECTION_DOWN",
    "FLEXVPN-6-FLEXVPN_CONNECTION_UP",
  ]);
});

test("the way back without a gap says so, and holds what was prepared beside the old session", () => {
  const story = told("return");
  expect(story).toMatchObject({ title: "Went back to hub1.example.net", gap: 0 });
  expect(story?.steps[0]?.event.mnemonic).toBe("FLEXSPOKE-6-CONNECTING");
});

test("a client that never came up is an outage that goes on, with its last fault", () => {
  expect(told("outage")).toMatchObject({
    client: "backup",
    title: "No connection so far",
    because: expect.stringContaining("AUTHENTICATION_FAILED"),
    isOver: false,
  });
});

test("a loss without a new connection is told as one that goes on", () => {
  const [now] = storiesOf(
    until("CONNECTION_UP").filter(({ client, id }) => client === "hq" && id < 1_048),
  );
  expect(now).toMatchObject({ kind: "outage", title: "Lost hub1.example.net", isOver: false });
});

test("what an operator ended is no outage", () => {
  const last = events.findLast(({ mnemonic }) => mnemonic.endsWith("CONNECTION_UP"))!;
  const request: StoredEvent = {
    ...last,
    id: 2_000,
    mnemonic: "FLEXSPOKE-5-CLIENT_REQUEST",
    message: "hq: disconnect asked for by admin on the page; stays down",
    data: { request: "disconnect", by: "admin on the page" },
  };
  const down: StoredEvent = {
    ...last,
    id: 2_001,
    mnemonic: "FLEXVPN-6-FLEXVPN_CONNECTION_DOWN",
    data: { ...last.data, cause: 2_000 },
  };
  expect(storiesOf([...events, request, down])[0]).toMatchObject({
    kind: "stopped",
    title: "Disconnected by admin on the page",
    isOver: true,
  });
});

test("causes that name each other in a circle end", () => {
  const one = { ...events[0]!, id: 1, data: { cause: 2 } };
  const two = { ...events[0]!, id: 2, data: { cause: 1 } };
  const byId = new Map([one, two].map((event) => [event.id, event]));
  expect(causesOf(two, byId).map(({ id }) => id)).toEqual([1]);
});

test("a sentence does not repeat the client's name, and leaves names as they are written", () => {
  const [event] = events;
  expect(sentenceOf({ ...event!, client: "hq", message: "FlexVPN(hq) is up with hub1" })).toBe(
    "The tunnel is up with hub1",
  );
  expect(sentenceOf({ ...event!, message: "hub1 ip sla 1 Up -> Down" })).toBe(
    "hub1 ip sla 1 Up -> Down",
  );
});

test("of a long story the middle is left out", () => {
  const step = told("failover")!.steps[0]!;
  const { first, leftOut, last } = shownSteps(Array(100).fill(step), 14);
  expect([first.length, leftOut, last.length]).toEqual([7, 86, 7]);
  expect(shownSteps([step], 14)).toEqual({ first: [step], leftOut: 0, last: [] });
});

import { expect, test } from "vitest";
import { client, hub1, Story } from "./story.ts";

const wanAndModem = client({
  sources: [
    { seq: 10, interface: "wan0" },
    { seq: 20, interface: "wwan0" },
  ],
  dialer: "lte",
});

function withDialer(config = wanAndModem): Story {
  const story = new Story();
  story.give({ kind: "dialer-changed", dialer: "lte", state: "idle", interface: "wwan0" });
  story.configure(config);
  return story;
}

const demands = (story: Story) => story.all("dial").map(({ wanted }) => wanted);

test("a dialer is not asked for while a better source can be used", () => {
  const story = withDialer();
  story.link("wan0", true, "198.51.100.7/24");
  story.give({ kind: "start" });
  story.up();

  expect(demands(story)).toEqual([]);
});

test("without another source the client asks for its dialer and says what it waits for", () => {
  const story = withDialer();
  story.give({ kind: "start" });

  expect(demands(story)).toEqual([true]);
  expect(story.status).toBe("dialing");
  expect(story.view.reason).toBe("waits for dialer lte, which is idle");
});

test("why the dialer does not come up is the client's reason", () => {
  const story = withDialer();
  story.give({ kind: "start" });
  const why = { code: "dialer.busy", message: "the line is busy", remedy: "wait" };
  story.give({ kind: "dialer-changed", dialer: "lte", state: "backoff", interface: "wwan0", why });

  expect(story.view.reason).toBe("waits for dialer lte, which is backoff: the line is busy; wait");
  expect(story.view.reasonCode).toBe("dialer.busy");
});

test("the client connects by the dialer's interface as soon as it is up", () => {
  const story = withDialer();
  story.give({ kind: "start" });
  story.link("wwan0", true, "192.0.2.7/32");

  expect(story.session.source).toBe("wwan0");
});

test("a dialer that fails never blocks the primary", () => {
  const story = withDialer();
  story.give({ kind: "start" });
  story.give({ kind: "dialer-changed", dialer: "lte", state: "backoff", interface: "wwan0" });
  story.link("wan0", true, "198.51.100.7/24");

  expect(story.session.source).toBe("wan0");
});

test("when every way without it was tried in vain the dialer is asked for, and its ways are tried first", () => {
  const story = withDialer();
  story.link("wan0", true, "198.51.100.7/24");
  story.give({ kind: "start" });
  story.fail();
  story.fail();
  expect(demands(story)).toEqual([true]);
  story.link("wwan0", true, "192.0.2.7/32");

  expect(story.session.source).toBe("wwan0");
  expect(story.session.remote.address).toBe(hub1);
});

test("the dialer is let go of when a session from another source is up", () => {
  const story = withDialer();
  story.give({ kind: "start" });
  story.link("wan0", true, "198.51.100.7/24");
  expect(demands(story)).toEqual([true]);
  story.up();

  expect(demands(story)).toEqual([true, false]);
});

test("the dialer is let go of when nobody wants the client up", () => {
  const story = withDialer();
  story.give({ kind: "start" });
  story.operator("disconnect");

  expect(demands(story)).toEqual([true, false]);
});

test("a client with a dialer and no source list leaves by the dialer alone", () => {
  const story = withDialer(client({ dialer: "lte" }));
  story.link("wan0", true, "198.51.100.7/24");
  story.give({ kind: "start" });
  expect(story.status).toBe("dialing");
  story.link("wwan0", true, "192.0.2.7/32");

  expect(story.session.source).toBe("wwan0");
});

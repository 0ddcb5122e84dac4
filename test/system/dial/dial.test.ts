/**
 * Dial backup with real pppd and a real PPPoE server: dialled on demand, hung up when idle, redialled when cut, refused,
 * silent, hung, crashed. The primary's default route stays the best one all the time.
 */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { machineAt } from "#test/lab/lab.ts";
import { DialStage, password, place, username } from "./stage.ts";

let stage: DialStage;

const demand = (track: string) => ({ track, state: "down" });
const quick = { idle: "2s", timeout: "20s", backoff: { initial: "1s", max: "2s" } };
const names = ["lte", "dsl", "wrong", "silent", "hung", "other"];

const config = {
  track: Object.fromEntries(names.map((name) => [`for-${name}`, { stub: "up" }])),
  dialers: {
    lte: { ...quick, pppd: { peer: "lab" }, demand: demand("for-lte") },
    dsl: {
      ...quick,
      pppoe: { interface: "eth2", username, password },
      demand: demand("for-dsl"),
    },
    wrong: { ...quick, pppd: { peer: "lab-wrong" }, demand: demand("for-wrong") },
    silent: {
      ...quick,
      timeout: "3s",
      pppd: { peer: "lab-silent" },
      reset: ["touch", `${place.folder}/was-reset`],
      demand: demand("for-silent"),
    },
    hung: {
      ...quick,
      timeout: "2s",
      up: ["sh", "-c", "trap '' TERM; sleep 1000 & while :; do wait; done"],
      interface: "nowhere",
      demand: demand("for-hung"),
    },
    other: {
      ...quick,
      up: ["ip", "link", "add", "wwan0", "type", "dummy"],
      down: ["ip", "link", "del", "wwan0"],
      demand: demand("for-other"),
    },
  },
};

beforeAll(async () => {
  stage = await DialStage.build(await machineAt(inject("lab")));
  await stage.openConcentrator();
  await stage.start(config);
});
afterAll(async () => {
  await stage.close();
  await stage.machine.close();
});

const isUp = ({ state }: { state: string }) => state === "connected";
const isIdle = ({ state }: { state: string }) => state === "idle";

test("a line of pppd is up on demand, beside the primary, and is hung up after the idle time", async () => {
  await stage.track("for-lte", "down");
  const up = await stage.until("lte", "is up", isUp);

  expect(up).toMatchObject({ interface: "ppp-lte", addresses: ["10.64.0.2"] });
  expect(up["demanded-by"]).toEqual(["track for-lte down"]);
  expect(await stage.show("ping -c 1 -W 2 -I ppp-lte 10.64.0.1")).toMatch(/1 received/);
  const routes = await stage.show("ip route show default");
  expect(routes).toMatch(/^default via 198\.51\.100\.1 dev wan0 metric 100/);
  expect(routes).toMatch(/default .*dev ppp-lte .*metric 4096/);
  expect(await stage.cli("show", "dialer")).toMatch(/lte +connected .*ppp-lte/);

  await stage.track("for-lte", "up");
  const idle = await stage.until("lte", "is idle", isIdle);
  expect(idle.reason).toBe("nobody demanded the line for 2s");
  expect(await stage.dialling()).toEqual([]);
  expect(await stage.show("ip -br link")).not.toMatch(/ppp-lte/);
  const events = await stage.events();
  const story = events.filter(({ data }) => data["dialer"] === "lte");
  expect(story.map(({ mnemonic }) => mnemonic)).toEqual([
    "FLEXSPOKE-6-DIALING",
    "DIALER-6-BIND",
    "FLEXSPOKE-6-DIAL_RELEASED",
    "DIALER-6-UNBIND",
  ]);
  const cause = events.find(({ id }) => id === story[0]?.data["cause"]);
  expect(cause).toMatchObject({ mnemonic: "TRACK-6-STATE" });
});

test("PPPoE is dialled with a password that no process list shows, and leaves the resolver alone", async () => {
  const resolver = await stage.show("cat /etc/resolv.conf; true");
  await stage.track("for-dsl", "down");
  const up = await stage.until("dsl", "is up", isUp);

  expect(up).toMatchObject({ interface: "ppp-dsl", dns: ["192.0.2.54"] });
  expect(await stage.show("ping -c 1 -W 2 -I ppp-dsl 10.65.0.1")).toMatch(/1 received/);
  const shown = await stage.show(
    `cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'; cat ${place.folder}/run/dialers/*`,
  );
  expect(shown).toContain(username);
  expect(shown).not.toContain(password);
  expect(stage.log()).not.toContain(password);
  expect(await stage.show("cat /etc/resolv.conf; true")).toBe(resolver);
  await stage.track("for-dsl", "up");
  await stage.until("dsl", "is idle", isIdle);
});

test("a line that is cut is dialled again", async () => {
  await stage.track("for-lte", "down");
  await stage.until("lte", "is up", isUp);
  await stage.cutLines();
  const again = await stage.until(
    "lte",
    "is up again",
    (lte) => isUp(lte) && lte.connections === 3,
  );

  expect(again["last-failure"]?.reason).toMatch(/hung up|does not respond/);
  await stage.track("for-lte", "up");
  await stage.until("lte", "is idle", isIdle);
});

test("a wrong password is told as such, and keeps no other line waiting", async () => {
  await stage.track("for-wrong", "down");
  const wrong = await stage.until("wrong", "waits", ({ state }) => state === "backoff");
  await stage.track("for-other", "down");

  expect(wrong["reason-code"]).toBe("dial.authentication-failed");
  expect(wrong.reason).toMatch(/^authentication failed/);
  await stage.until("other", "is up", isUp);
  expect(await stage.show("ip -br link")).toMatch(/wwan0/);
  await stage.track("for-wrong", "up");
  await stage.track("for-other", "up");
  await stage.until("other", "is idle", isIdle);
  expect(await stage.show("ip -br link")).not.toMatch(/wwan0/);
});

test("a provider that never answers is given up in time, and the modem is reset", async () => {
  await stage.track("for-silent", "down");
  const silent = await stage.until("silent", "waits", ({ state }) => state === "backoff");

  expect(silent["last-failure"]?.reason).toMatch(/^no connection within 3s/);
  expect(silent.resets).toBe(1);
  expect(await stage.show(`ls ${place.folder}`)).toMatch(/was-reset/);
  await stage.track("for-silent", "up");
});

test("a program that does not end when asked to is killed with all that it started", async () => {
  await stage.track("for-hung", "down");
  await stage.until("hung", "waits", ({ state }) => state === "backoff");
  await stage.track("for-hung", "up");

  const killed = (await stage.events()).filter(
    ({ mnemonic }) => mnemonic === "FLEXSPOKE-4-DIAL_KILLED",
  );
  expect(killed.some(({ data }) => data["dialer"] === "hung")).toBe(true);
  await stage.until("hung", "is idle", isIdle);
  expect(await stage.show("ps ax")).not.toMatch(/sleep 1000/);
});

test("after a crash the line of the dead daemon is ended first: there are never two", async () => {
  await stage.track("for-lte", "down");
  await stage.until("lte", "is up", isUp);
  const [before] = await stage.dialling();
  await stage.stop("SIGKILL");
  expect(await stage.dialling()).toEqual([before]);
  await stage.run();
  await stage.until("lte", "is idle", isIdle);
  expect(await stage.dialling()).toEqual([]);

  await stage.track("for-lte", "down");
  await stage.until("lte", "is up", isUp);
  expect(await stage.dialling()).toHaveLength(1);
});

test("the daemon hangs up what it dialled before it ends", async () => {
  expect(await stage.stop("SIGTERM")).toBe(0);

  expect(await stage.dialling()).toEqual([]);
  expect(await stage.show(`ls ${place.folder}/run/dialers`)).toBe("");
});

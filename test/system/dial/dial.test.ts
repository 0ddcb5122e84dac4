/**
 * Dial backup with real pppd and a real PPPoE server: dialled on demand, hung up when idle, redialled when cut, refused,
 * silent, hung, crashed. The primary's default route stays the best one all the time.
 */
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import type { DialerState } from "#state/dialer-state.ts";
import { machineAt } from "#test/lab/lab.ts";
import { DialStage, password, place, username } from "./stage.ts";

let stage: DialStage;

const demand = (track: string) => ({ track, state: "down" });
const quick = { idle: "1s", timeout: "20s", backoff: { initial: "1s", max: "2s" } };
const names = ["lte", "dsl", "wrong", "silent", "hung", "other", "modem", "leased", "mute"];
/** Demanded from the start, all at once: whatever goes wrong with one keeps no other one waiting. */
const atOnce = ["lte", "wrong", "silent", "hung", "modem", "mute"];

/** @param demanded dialers that are demanded from the start. */
const config = (demanded: readonly string[]) => ({
  track: Object.fromEntries(
    names.map((name) => [`for-${name}`, { stub: demanded.includes(name) ? "down" : "up" }]),
  ),
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
    modem: { ...quick, "modem-manager": { apn: "static" }, demand: demand("for-modem") },
    leased: { ...quick, "modem-manager": { apn: "dhcp" }, demand: demand("for-leased") },
    mute: {
      ...quick,
      timeout: "2s",
      "modem-manager": { apn: "mute", modem: "7" },
      demand: demand("for-mute"),
    },
  },
});

beforeAll(async () => {
  stage = await DialStage.build(await machineAt(inject("lab")));
  await stage.openConcentrator();
  await stage.start(config(atOnce));
});
afterAll(async () => {
  await stage.close();
  await stage.machine.close();
});

const isUp = ({ state }: { state: string }) => state === "connected";
const wasReset = ({ resets, state }: DialerState) => resets > 0 && state !== "resetting";
const isIdle = ({ state }: { state: string }) => state === "idle";

test("a line of pppd is up on demand, beside the primary, and is hung up after the idle time", async () => {
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
  expect(idle.reason).toBe("nobody demanded the line for 1s");
  expect(await stage.show("ip -br link")).not.toMatch(/ppp-lte/);
  const events = await stage.events();
  const story = events.filter(({ data }) => data["dialer"] === "lte");
  expect(story.map(({ mnemonic }) => mnemonic)).toEqual([
    "FLEXSPOKE-6-DIALING",
    "DIALER-6-BIND",
    "FLEXSPOKE-6-DIAL_RELEASED",
    "DIALER-6-UNBIND",
  ]);
  const released = events.find(({ id }) => id === story[2]?.data["cause"]);
  expect(released).toMatchObject({ mnemonic: "TRACK-6-STATE" });
});

test("a wrong password is told as such, and keeps no other line waiting", async () => {
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
  const silent = await stage.until("silent", "was reset", wasReset);

  expect(silent["last-failure"]?.reason).toMatch(/^no connection within 3s/);
  expect(await stage.show(`ls ${place.folder}`)).toMatch(/was-reset/);
  await stage.track("for-silent", "up");
});

test("a program that does not end when asked to is killed with all that it started", async () => {
  await stage.until("hung", "has failed", ({ failures }) => failures > 0);
  await stage.track("for-hung", "up");

  const killed = (await stage.events()).filter(
    ({ mnemonic }) => mnemonic === "FLEXSPOKE-4-DIAL_KILLED",
  );
  expect(killed.some(({ data }) => data["dialer"] === "hung")).toBe(true);
  await stage.until("hung", "is idle", isIdle);
  expect(await stage.show("ps ax")).not.toMatch(/sleep 1000/);
});

test("a modem that needs nothing but addresses gets them, beside the primary, and loses them again", async () => {
  const up = await stage.until("modem", "is up", isUp);

  expect(up).toMatchObject({
    interface: "wwan1",
    addresses: ["100.64.7.9", "2001:db8:64::9"],
    dns: ["192.0.2.61", "192.0.2.62", "2001:db8::61"],
  });
  expect(await stage.show("ip address show wwan1")).toMatch(/mtu 1430.*inet 100\.64\.7\.9\/30/s);
  expect(await stage.show("ip route show default dev wwan1")).toMatch(
    /via 100\.64\.7\.10 proto (186|bgp) metric 4096/,
  );
  await stage.machine.must(`rm ${place.folder}/connected`);
  const again = await stage.until("modem", "is up again", (it) => isUp(it) && it.connections > 1);
  expect(again["last-failure"]?.code).toBe("dial.disconnected");

  await stage.track("for-modem", "up");
  await stage.until("modem", "is idle", isIdle);
  expect(await stage.show("ip address show wwan1")).not.toMatch(/100\.64\.7\.9/);
  expect(await stage.show("ip route show default")).not.toMatch(/wwan1/);
  expect(await stage.show(`cat ${place.folder}/mmcli.log`)).toMatch(/-m any --simple-disconnect/);
});

test("a modem whose network speaks DHCP gets its address by it", async () => {
  await stage.track("for-leased", "down");
  const up = await stage.until("leased", "is up", isUp);

  expect(up).toMatchObject({
    interface: "wwan2",
    addresses: ["100.64.8.2"],
    dns: ["192.0.2.71"],
  });
  expect(await stage.show("ping -c 1 -W 2 -I wwan2 100.64.8.1")).toMatch(/1 received/);
  await stage.track("for-leased", "up");
  await stage.until("leased", "is idle", isIdle);
  expect(await stage.show("ps ax")).not.toMatch(/udhcpc -f/);
});

test("a modem that does not answer is reset by ModemManager", async () => {
  const mute = await stage.until("mute", "was reset", wasReset);
  await stage.track("for-mute", "up");

  expect(mute["last-failure"]?.reason).toMatch(/^no connection within 2s/);
  await stage.until("mute", "is idle", isIdle);
  expect(await stage.show(`cat ${place.folder}/mmcli.log`)).toMatch(/^-m 7 --reset$/m);
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
  const up = await stage.until("lte", "is up", isUp);
  await stage.cutLines();
  const again = await stage.until(
    "lte",
    "is up again",
    (lte) => isUp(lte) && lte.connections > up.connections,
  );

  expect(again["last-failure"]?.reason).toMatch(/hung up|does not respond/);
});

test("after a crash the line of the dead daemon is ended first: there are never two", async () => {
  await stage.until("lte", "is up", isUp);
  const before = await stage.dialling("lte");
  await stage.stop("SIGKILL");
  expect(before).toHaveLength(1);
  expect(await stage.dialling("lte")).toEqual(before);

  await stage.start(config(["lte"]));
  await stage.until("lte", "is up", isUp);
  const after = await stage.dialling("lte");
  expect(after).toHaveLength(1);
  expect(after).not.toEqual(before);
  const story = (await stage.events()).filter(({ data }) => data["dialer"] === "lte");
  expect(story.slice(-3).map(({ mnemonic }) => mnemonic)).toEqual([
    "FLEXSPOKE-5-DIALER_LEFTOVER",
    "FLEXSPOKE-6-DIALING",
    "DIALER-6-BIND",
  ]);
});

test("the daemon hangs up what it dialled before it ends", async () => {
  expect(await stage.stop("SIGTERM")).toBe(0);

  expect(await stage.dialling("lte")).toEqual([]);
  expect(await stage.show(`ls ${place.folder}/run/dialers`)).not.toMatch(/json/);
});

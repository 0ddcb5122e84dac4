import { expect, test } from "vitest";
import { renderResolved } from "#config/render.ts";
import { minutes, seconds } from "#lib/duration.ts";
import { check, load, pskFiles, shortConfig, withLines } from "./branch-files.ts";

const files = { ...pskFiles, "/etc/flexspoke/secrets/pppoe": "correct-horse\n" };
const dialers = (lines: string): string => withLines("end", `dialers: ${lines}`);
/** Faults of a line 10 that says this. */
const errors = (lines: string): readonly string[] => check(dialers(lines), { files }).errors;

test("the dialers of the manual become what the engine works with", () => {
  const { resolved } = load(
    dialers(`{
  lte: { pppd: { peer: lte }, idle: 10m },
  dsl: { pppoe: { interface: eth2, username: u, password: { file: secrets/pppoe } } },
  modem: { modem-manager: { apn: internet, bearer: 0 } },
  other: { up: [ifup, wwan0], down: [ifdown, wwan0], interface: wwan0, reset: [usb-power, "1"] } }`),
    { files },
  );

  expect(resolved.dialers).toMatchObject({
    lte: {
      name: "lte",
      line: { kind: "pppd", peer: "lte" },
      interface: "ppp-lte",
      idle: minutes(10),
      timeout: seconds(90),
      backoff: { initial: seconds(5), max: minutes(5) },
      metric: 4096,
    },
    dsl: { line: { kind: "pppoe", interface: "eth2", username: "u" }, interface: "ppp-dsl" },
    modem: { line: { kind: "modem-manager", modem: "any", apn: "internet", bearer: 0 } },
    other: {
      line: { kind: "commands", up: ["ifup", "wwan0"], down: ["ifdown", "wwan0"] },
      interface: "wwan0",
      reset: ["usb-power", "1"],
    },
  });
  expect(resolved.dialers["modem"]).not.toHaveProperty("interface");
  const { line } = resolved.dialers["dsl"] ?? {};
  expect(line?.kind === "pppoe" && new TextDecoder().decode(line.password.reveal())).toBe(
    "correct-horse",
  );
});

test("a password of PPPoE is never shown", () => {
  const text = dialers("{ dsl: { pppoe: { interface: eth2, username: u, password: hunter2 } } }");
  const { complete } = load(text);

  expect(renderResolved(complete)).not.toContain("hunter2");
  expect(renderResolved(complete)).toContain("password: •••");
});

test("an empty section is no section", () => {
  expect(load(`${shortConfig}dialers:\n`).resolved.dialers).toEqual({});
});

test.each([
  [
    "{ a: {} }",
    "10:15: dialers.a: not one way to dial (exactly one of pppd, pppoe, modem-manager and up)",
  ],
  [
    "{ a: { pppd: { peer: x }, up: [x] } }",
    "10:15: dialers.a: not one way to dial (exactly one of pppd, pppoe, modem-manager and up)",
  ],
  [
    "{ a: { pppd: { peer: x }, down: [x] } }",
    "10:15: dialers.a: down without up (both are programs of one line)",
  ],
  [
    "{ a: { up: [x] } }",
    "10:15: dialers.a: up alone says not when the line is up (give down, or interface)",
  ],
  [
    "{ a: { pppd: { peer: ../options } } }",
    "10:31: dialers.a.pppd.peer: not the name of a file in /etc/ppp/peers (letters, digits, - . _ /)",
  ],
  [
    "{ a: { modem-manager: { bearer: 0 } } }",
    "10:32: dialers.a.modem-manager: says not what to connect to (exactly one of apn and profile)",
  ],
  [
    '{ a: { modem-manager: { apn: "x,pin=1" } } }',
    "10:39: dialers.a.modem-manager.apn: not an access point name (letters, digits, hyphens and dots)",
  ],
  [
    "{ a: { pppd: { peer: x }, demand: { track: nowhere, state: down } } }",
    "10:53: dialers.a.demand.track: no track object has this name (none is configured)",
  ],
  [
    "{ a-long-name-of-a-line: { pppd: { peer: x } } }",
    "10:12: dialers.a-long-name-of-a-line: its interface would be ppp-a-long-name-of-a-line (give an interface of at most 15 characters)",
  ],
  [
    "{ a: { pppd: { peer: x } }, b: { pppd: { peer: y }, interface: ppp-a } }",
    "10:73: dialers.b.interface: ppp-a is the interface of dialer a already (each its own)",
  ],
  [
    "{ a: { pppd: { peer: x }, interface: Tunnel0 } }",
    "10:47: dialers.a.interface: Tunnel0 is a tunnel (a dialer's interface faces the underlay)",
  ],
  [
    "{ a: { pppd: { peer: x }, interface: br-lan } }",
    "10:47: dialers.a.interface: br-lan is an inside interface of client hq (a dialer faces the underlay)",
  ],
  [
    "{ a: { pppoe: { interface: eth2, username: u, password: p }, interface: eth2 } }",
    "10:82: dialers.a.interface: eth2 carries the PPPoE session (the session has an interface of its own)",
  ],
  [
    '{ a: { pppoe: { interface: eth2, username: u, password: "p\\nq" } } }',
    "10:66: dialers.a.pppoe.password: the password has a line end in it (one line)",
  ],
  [
    "{ a: { pppoe: { interface: eth2, username: u, password: { file: none } } } }",
    "10:74: dialers.a.pppoe.password.file: file /etc/flexspoke/none does not exist (put the secret into it, mode 0600, or correct the path)",
  ],
  [
    "{ a: { up: [x, 1], down: [y] } }",
    "10:25: dialers.a.up[1]: wrong kind of value (a word of the command, in quotes where it is a number)",
  ],
  [
    "{ a: { pppd: { peer: x }, idle: never } }",
    "10:42: dialers.a.idle: not a duration (500ms, 10s, 5m, 1h; 0ms to 24h)",
  ],
])("%s is refused with its place and what is allowed", (lines, error) => {
  expect(errors(lines)).toEqual([error]);
});

test("a client that names no dialer of the file is told which there are", () => {
  const text = `${withLines("client", "dialer: lte")}dialers: { dsl: { pppd: { peer: x } } }\n`;

  expect(check(text).errors).toEqual(["10:13: clients.hq.dialer: no dialer has this name (dsl)"]);
});

test("a dialer that nothing ever dials is probably not meant", () => {
  expect(check(dialers("{ a: { pppd: { peer: x } } }")).warnings).toEqual([
    "10:12: warning: dialers.a: nothing ever dials it (name it as the dialer of a client, or give it a demand)",
  ]);
  const used = `${withLines("client", "dialer: a")}dialers: { a: { pppd: { peer: x } } }\n`;
  expect(check(used).warnings).toEqual([]);
  expect(load(used).resolved.clients["hq"]?.dialer).toBe("a");
});

test("a dialer may be demanded by any track object of the file", () => {
  const text = `${dialers("{ a: { pppd: { peer: x }, demand: { track: t, state: down } } }")}track: { t: { stub: up } }\n`;

  expect(load(text).resolved.dialers["a"]?.demand).toEqual({ track: "t", state: "down" });
});

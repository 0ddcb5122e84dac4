/** Habits of IOS at the command line: cut words, pipes, pages. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type ApiServer, startApi } from "#api/server.ts";
import { ExampleBackend, silentLog } from "../api/example-backend.ts";
import { iosState } from "./ios-state.ts";
import { flexspoke } from "./run.ts";

let folder: string;
let api: ApiServer;
const backend = new ExampleBackend();
backend.state = () => iosState;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-habits-"));
  const controlSocket = join(folder, "control.sock");
  api = await startApi({ backend, controlSocket, listen: [], log: silentLog });
});

afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  backend.actions.length = 0;
});

const colour = new RegExp(`${"\x1b"}\\[\\d+m`, "g");
const env = () => ({ FLEXSPOKE_RUN_DIR: folder });
const run = (line: string | readonly string[], columns?: number) =>
  flexspoke(line, { env: env(), ...(columns !== undefined && { columns }) });
const printed = async (line: string | readonly string[]) => (await run(line)).stdout;

test.each([
  ["sh cry ikev2 sa det", "show crypto ikev2 sa detailed"],
  ["sh cry ses d", "show crypto session detail"],
  ["sh cry ike cl fl hq", "show crypto ikev2 client flexvpn hq"],
  ["sh cry ip sa", "show crypto ipsec sa"],
  ["sh tr br", "show track brief"],
  ["sh ver --json", "show version --json"],
  ["sh ip sla stat portal", "show ip sla statistics portal"],
])("%s is %s", async (short, long) => {
  const text = await printed(short);
  expect(text).not.toBe("");
  expect(text).toBe(await printed(long));
});

test.each([
  ["sh c", 'show c" (write more of the last word: client, crypto)'],
  ["sh cry ikev2 s", 'show crypto ikev2 s" (write more of the last word: sa, session, stats)'],
  ["cl c", 'clear c" (write more of the last word: client, crypto)'],
])("%s may be several commands: none is run, and what it may be is named", async (line, text) => {
  const { status, stdout, stderr } = await run(line);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toBe(`flexspoke: % Ambiguous command: "${text}\n`);
});

test("the name of a client is never taken for the beginning of a keyword", async () => {
  backend.state = () => ({ ...iosState, track: { b: iosState.track["30"] } as never });
  expect(await printed("sh track b")).toMatch(/^Track b\n/);
  expect(await printed("sh track br")).toMatch(/^Track +Type/);
  backend.state = () => iosState;
});

test("choices of an argument are cut like words", async () => {
  await run("rek ch hq");
  await run("tr s maintenance u");
  expect(backend.actions).toEqual([{ client: "hq", action: { kind: "rekey", what: "child" } }]);
  expect(backend.stubs).toEqual({ maintenance: "up" });
});

test("a folder named like a command is the option's value", async () => {
  expect((await flexspoke("--run-dir sh show version")).stderr).toContain("sh/control.sock");
});

test.each([
  ["crypto ikev2 client flexvpn connect hq", [["hq", "connect"]]],
  ["cry ike cl fl con hq", [["hq", "connect"]]],
  ["clear crypto ikev2 client flexvpn hq", [["hq", "clear"]]],
  [
    "clear crypto ikev2 client flexvpn",
    [
      ["hq", "clear"],
      ["backup", "clear"],
      ["spare", "clear"],
    ],
  ],
  [
    "clear crypto ikev2 sa",
    [
      ["hq", "clear"],
      ["v6", "clear"],
      ["backup", "clear"],
    ],
  ],
  ["clear crypto ikev2 sa remote 203.0.113.10", [["hq", "clear"]]],
  ["clear crypto ikev2 sa remote 2001:db8:1201::122", [["v6", "clear"]]],
])("%s asks for %j", async (line, asked) => {
  const known = Object.values(iosState.clients)[0];
  backend.state = () => ({ ...iosState, clients: { ...iosState.clients, v6: known } as never });
  if (line.endsWith("flexvpn")) backend.state = () => iosState;
  expect((await run(line)).stderr).toBe("");
  expect(backend.actions.map(({ client, action }) => [client, action.kind])).toEqual(asked);
  backend.state = () => iosState;
});

test("clear crypto ikev2 sa remote says when there is no such hub", async () => {
  expect(await run("clear crypto ikev2 sa remote 192.0.2.99")).toMatchObject({
    status: 1,
    stderr: "flexspoke: no IKE SA with 192.0.2.99 (show crypto ikev2 sa lists what there is)\n",
  });
});

test.each([
  [["show crypto ikev2 client flexvpn | include Current state"]],
  [["show", "crypto", "ikev2", "client", "flexvpn", "|", "include", "Current state"]],
  [["show", "crypto", "ikev2", "client", "flexvpn", "| inc Current state"]],
])("%j passes the lines that match", async (argv) => {
  expect(await printed(argv)).toBe(
    "  Current state:ACTIVE\n  Current state:NEGOTIATING\n  Current state:CONNECT_REQUIRED\n",
  );
});

test.each([
  ["show client | exclude ^(hq|backup)", /^CLIENT.*\nspare .*\n$/],
  ["show crypto ipsec sa | begin outbound esp sas", /^ {5}outbound esp sas:\n/],
  ["show crypto ipsec sa | count Status: ACTIVE", /^Number of lines which match regexp = 2\n$/],
  ["show client | i hq|spare", /^hq .*\nspare .*\n$/],
  ["show client | include hq | count .", /^Number of lines which match regexp = 1\n$/],
  ["show client | include nothing-like-it", /^$/],
])("%s", async (line, expected) => {
  const { status, stdout, stderr } = await run([line]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(expected);
});

test("| section is what matches with what is indented under it", async () => {
  expect(await printed(["show track | section ^Track wan0-up$"])).toMatchInlineSnapshot(`
    "Track wan0-up
      Interface wan0 line-protocol
      Line protocol is Down (wan0 is down), delayed Up (1 sec remaining) (wan0 is up)
        3 changes, last change 00:12:41
      Delay up 10 secs, down 2 secs
      Last cause interface:wan0
      Tracked by:
        client hq
        track primary
    "
  `);
});

test.each([
  [
    "show client | grep hq",
    'stands begin, count, exclude, include or section and a pattern, not "grep hq"',
  ],
  ["show client | include", 'a pattern, not "include"'],
  ["show client |", 'a pattern, not ""'],
  ["show client | include (", "not a regular expression: ( ("],
])("%s is wrong usage", async (line, reason) => {
  const { status, stdout, stderr } = await run([line]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(reason);
  expect(stderr.split("\n")).toHaveLength(2);
});

test("on a narrow terminal tables fit, the widest columns cut; in a file nothing is", async () => {
  const narrow = await run("show client", 72);
  const wide = await run("show client");
  const lengths = narrow.stdout
    .replaceAll(colour, "")
    .split("\n")
    .map((line) => line.length);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(72);
  expect(narrow.stdout).toContain("…");
  expect(wide.stdout).not.toContain("…");
});

test("colours are for terminals that have them and people who want them", async () => {
  const onTerminal = (await run("show client", 200)).stdout;
  expect(onTerminal).toContain("\x1b[32mup\x1b[0m");
  expect((await run("show client")).stdout).not.toContain("\x1b");
  for (const off of [{ NO_COLOR: "1" }, { TERM: "dumb" }])
    expect(
      (await flexspoke("show client", { env: { ...env(), ...off }, columns: 200 })).stdout,
    ).not.toContain("\x1b");
  expect(
    (await flexspoke(["show client | include hq"], { env: env(), columns: 200 })).stdout,
  ).not.toContain("\x1b");
});

test("show errors is each fault once with how often it happened, the latest last", async () => {
  expect(await printed("show errors")).toMatchInlineSnapshot(`
    "TIMES  LAST                  SEVERITY  CLIENT  CODE             EVENT  MESSAGE
        1  2026-11-24 09:38:10Z  warning   backup  ike.auth.failed     43  the hub refused the pre-shared key: compare psk on both ends
    "
  `);
  expect(JSON.parse(await printed("show errors --json"))).toMatchObject([
    { count: 1, code: "ike.auth.failed", client: "backup", event: 43 },
  ]);
});

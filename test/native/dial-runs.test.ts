/** Runs of dialers with real programs: what they are given, what is told of their end, and what is left of them. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { LineEnd, LineFacts } from "#dial/line.ts";
import { SecretBytes } from "#lib/secret.ts";
import { startDial } from "#linux/dial/dial.ts";
import { endLeftover, isLeft } from "#linux/dial/leftover.ts";
import { Program, type ProgramEnd } from "#linux/dial/program.ts";
import { resetModem } from "#linux/dial/reset-modem.ts";
import type { DialTools, Run, RunListener } from "#linux/dial/run.ts";
import { livingPrograms, markOf, RunRecord, readRecords } from "#linux/dial/run-record.ts";
import type { InterfaceState } from "#linux/kernel/interfaces.ts";
import { until } from "#test/lab/machine.ts";
import { silentLog } from "#test/unit/api/example-backend.ts";
import { dialer } from "#test/unit/dial/story.ts";

let folder: string;
let tools: DialTools;
let device: InterfaceState | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "flexspoke-dial-"));
  device = undefined;
  tools = {
    log: silentLog,
    path: process.env["PATH"] ?? "",
    recordDir: path.join(folder, "dialers"),
    readInterface: () => device,
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts a run and notes what it tells. */
function begin(start: (listener: RunListener) => Run) {
  const ups: LineFacts[] = [];
  const over = Promise.withResolvers<LineEnd>();
  const run = start({ up: (facts) => ups.push(facts), ended: over.resolve });
  return { run, ups, ended: over.promise };
}

const commands = (up: string, down?: string) =>
  dialer({
    name: "other",
    interface: "wwan0",
    line: {
      kind: "commands",
      up: ["sh", "-c", up],
      ...(down === undefined ? {} : { down: ["sh", "-c", down] }),
    },
  });
const dial = (up: string, down?: string) =>
  begin((listener) => startDial(commands(up, down), tools, listener));
const record = () => path.join(tools.recordDir, "other.json");
const noteOf = (name: string) => path.join(folder, name);

test("a secret is read from descriptor 3, and what the program sees besides is no secret", async () => {
  const lines: string[] = [];
  const end = Promise.withResolvers<ProgramEnd>();
  new Program({
    argv: ["sh", "-c", "cat <&3; echo; env; tr '\\0' ' ' </proc/$$/cmdline"],
    path: tools.path,
    env: { FLEXSPOKE_DIALER: "x" },
    secret: new SecretBytes(new TextEncoder().encode("hunter2")),
    onLine: (line) => lines.push(line),
    onEnd: end.resolve,
  });

  expect(await end.promise).toEqual({ status: 0 });
  expect(lines[0]).toBe("hunter2");
  expect(lines.slice(1).join("\n")).not.toContain("hunter2");
  expect(lines).toContain("FLEXSPOKE_DIALER=x");
  expect(
    lines
      .filter((line) => /^[A-Z_]+=/.test(line))
      .map((line) => line.split("=")[0])
      .sort(),
  ).toEqual(expect.arrayContaining(["FLEXSPOKE_DIALER", "LC_ALL", "PATH"]));
  expect(lines.some((line) => line.startsWith("HOME="))).toBe(false);
});

test("a program that is not there is told with what to do", async () => {
  const line = { kind: "commands", up: ["no-such-program"], down: ["true"] } as const;
  const { ended } = begin((listener) => startDial(dialer({ line }), tools, listener));

  expect(await ended).toMatchObject({
    code: "dial.program-missing",
    message: "the up command could not be started (ENOENT)",
  });
});

test("a line of commands is up when its interface has an address, and down when it has none any more", async () => {
  const { run, ups, ended } = dial("exit 0", `echo down >${noteOf("down")}`);
  await until("up has ended", () => Promise.resolve(existsSync(record())), 5_000);
  expect(ups).toEqual([]);
  device = { name: "wwan0", isUp: true, addresses: ["100.64.3.9/24" as never] };
  await until(
    "the line is up",
    () => {
      run.interfacesChanged();
      return Promise.resolve(ups.length > 0);
    },
    5_000,
  );
  expect(ups).toEqual([{ interface: "wwan0", addresses: ["100.64.3.9/24"] }]);

  device = { name: "wwan0", isUp: true, addresses: [] };
  run.interfacesChanged();

  expect(await ended).toMatchObject({ code: "dial.interface-down" });
  expect(readFileSync(noteOf("down"), "utf8")).toBe("down\n");
  expect(existsSync(record())).toBe(false);
});

test("an up command that fails says so in its own words, and is cleared up after", async () => {
  const { ended } = dial("echo no SIM >&2; exit 3", `echo down >${noteOf("down")}`);

  expect(await ended).toEqual({
    code: "dial.command-failed",
    message: "the up command ended with 3: no SIM",
  });
  expect(existsSync(noteOf("down"))).toBe(true);
});

test("hung up while it goes up, the command is asked to end, then killed, and then taken down", async () => {
  const { run, ended } = dial(
    `trap '' TERM; echo up >${noteOf("up")}; while :; do sleep 0.1; done`,
    `echo down >${noteOf("down")}`,
  );
  await until("it runs", () => Promise.resolve(existsSync(noteOf("up"))), 5_000);
  run.hangUp();

  expect(await ended).toMatchObject({ code: "dial.terminated" });
  expect(existsSync(noteOf("down"))).toBe(true);
});

test("a kill ends a command with everything it started", async () => {
  const { run, ended } = dial(`trap '' TERM; sleep 1000 & echo $! >${noteOf("child")}; wait; wait`);
  await until("it runs", () => Promise.resolve(existsSync(noteOf("child"))), 5_000);
  await until(
    "it has a child",
    () => Promise.resolve(readFileSync(noteOf("child"), "utf8") !== ""),
    5_000,
  );
  const child = Number(readFileSync(noteOf("child"), "utf8"));
  run.kill();
  await ended;

  await until("the child is gone", () => Promise.resolve(!isAlive(child)), 5_000);
});

test("a reset is over when its program is, and says what went wrong", async () => {
  const start = (script: string) =>
    begin((listener) => resetModem(dialer({ reset: ["sh", "-c", script] }), tools, listener));

  expect(await start("exit 0").ended).toMatchObject({ code: "dial.done" });
  expect(await start("echo no such hub; exit 1").ended).toMatchObject({
    message: "the reset program ended with 1: no such hub",
  });
});

test("the record of a run tells the next daemon what to end, and nothing secret", async () => {
  const { run, ended } = dial("exec sleep 1000");
  const note = readRecords(tools.recordDir).get("other");
  expect(note).toMatchObject({ kind: "commands", interface: "wwan0" });
  expect(isLeft("other", note!, tools)).toBe(true);

  const leftover = begin((listener) => endLeftover("other", note!, tools, listener));
  await leftover.ended;
  await ended;
  expect(existsSync(record())).toBe(false);
  run.kill();
});

test("a program that was started before it could be noted is found by its mark", async () => {
  RunRecord.begin(tools.recordDir, "lte", { kind: "pppd", interface: "ppp-lte" });
  const orphan = spawn("sleep", ["1000"], {
    detached: true,
    env: { ...markOf(tools.recordDir, "lte"), PATH: tools.path },
  });
  const note = readRecords(tools.recordDir).get("lte");
  expect(livingPrograms(tools.recordDir, "lte", note!)).toEqual([orphan.pid]);
  expect(livingPrograms(tools.recordDir, "dsl", note!)).toEqual([]);

  await begin((listener) => endLeftover("lte", note!, tools, listener)).ended;
  expect(isAlive(orphan.pid!)).toBe(false);
});

test("a record whose process number another program has got is no reason to end that", () => {
  RunRecord.begin(tools.recordDir, "lte", { kind: "pppd" }).add({ pid: process.pid, started: "1" });
  const note = readRecords(tools.recordDir).get("lte");

  expect(isLeft("lte", note!, tools)).toBe(false);
  expect(readRecords(tools.recordDir).size).toBe(0);
});

/** True for a process that runs; a zombie that nobody has collected yet does not. */
function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

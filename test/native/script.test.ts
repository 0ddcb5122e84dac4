/** Real programs run as scripts of track objects. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, expect, test } from "vitest";
import { milliseconds, seconds } from "#lib/duration.ts";
import { runScript } from "#linux/script/run-script.ts";
import { until } from "#test/lab/machine.ts";

const folder = mkdtempSync(`${tmpdir()}/flexscript-`);
afterAll(() => rmSync(folder, { recursive: true }));

function program(name: string, text: string, mode = 0o755): string {
  const path = `${folder}/${name}`;
  writeFileSync(path, text, { mode });
  return path;
}

const run = (argv: readonly string[], timeout = seconds(20)) =>
  runScript({ argv, timeout, environment: { FLEXSPOKE_TRACK: "line" } }).ended;

/** True while a process of this id is there and is no zombie. */
function isAlive(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

test.each([
  ["exit 0", { kind: "exited", status: 0 }],
  ["exit 7", { kind: "exited", status: 7 }],
  ["kill -SEGV $$", { kind: "killed", signal: "SIGSEGV" }],
])("a script that does %s", async (text, end) => {
  expect(await run([program("simple", `#!/bin/sh\n${text}\n`)])).toEqual({ end, output: "" });
});

test("what it writes to either output is kept, up to a limit", async () => {
  const chatty = program("chatty", "#!/bin/sh\necho good\necho bad >&2\nseq 100000\n");
  const { output } = await run([chatty]);
  expect(output).toMatch(/good\s+bad|bad\s+good/);
  expect(output.length).toBeLessThanOrEqual(2_000);
});

test("its arguments are no shell's", async () => {
  const echo = program("echo", '#!/bin/sh\nprintf "%s|" "$@"\n');
  const words = ["a b", `; touch ${folder}/planted`, "$HOME", "*"];
  expect((await run([echo, ...words])).output).toBe(`${words.join("|")}|`);
  expect(existsSync(`${folder}/planted`)).toBe(false);
});

test("it gets nothing of our environment, which may hold secrets, but where programs are", async () => {
  process.env["HQ_PSK"] = "planted-secret";
  const { output } = await run([program("env", "#!/bin/sh\nenv\n")]);
  const names = output.split("\n").map((line) => line.split("=")[0]);
  expect(names).toEqual(expect.arrayContaining(["PATH", "LANG", "FLEXSPOKE_TRACK"]));
  expect(output).not.toContain("planted-secret");
  expect(
    names.filter(
      (name) => !["PATH", "LANG", "FLEXSPOKE_TRACK", "PWD", "SHLVL", "_"].includes(name ?? ""),
    ),
  ).toEqual([]);
});

test.each([
  ["/nowhere/at-all", undefined, "no such file"],
  ["not-executable", "#!/bin/sh\n", "it is not executable"],
])("%s can't be started", async (name, text, why) => {
  const path = text === undefined ? name : program(name, text, 0o644);
  expect(await run([path])).toEqual({ end: { kind: "failed", why }, output: "" });
});

test("at its time limit it is killed with all that it started", async () => {
  const slow = program(
    "slow",
    `#!/bin/sh\ntrap "" TERM\nsleep 600 & echo $! > ${folder}/child\necho waiting\nwait\n`,
  );
  const { end, output } = await run([slow], milliseconds(500));
  expect(end).toEqual({ kind: "timed-out" });
  expect(output).toBe("waiting");
  const child = readFileSync(`${folder}/child`, "utf8").trim();
  await until("its child is gone", () => Promise.resolve(!isAlive(child)), 5_000);
});

test("what it leaves running when it ends is killed, and does not keep us waiting", async () => {
  const careless = program("careless", `#!/bin/sh\nsleep 600 & echo $! > ${folder}/left\nexit 3\n`);
  const before = Date.now();
  expect((await run([careless])).end).toEqual({ kind: "exited", status: 3 });
  expect(Date.now() - before).toBeLessThan(10_000);
  const left = readFileSync(`${folder}/left`, "utf8").trim();
  await until("it is gone", () => Promise.resolve(!isAlive(left)), 5_000);
});

test("it can be ended early", async () => {
  const endless = program("endless", "#!/bin/sh\nsleep 600\n");
  const job = { argv: [endless], timeout: seconds(600), environment: {} };
  const script = runScript(job);
  script.kill();
  expect((await script.ended).end).toEqual({ kind: "killed", signal: "SIGKILL" });
});

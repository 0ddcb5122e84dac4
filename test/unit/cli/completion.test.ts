/** Completion in the shells themselves, with names from a daemon. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiServer, startApi } from "#api/server.ts";
import { ExampleBackend, silentLog } from "../api/example-backend.ts";
import { flexspoke } from "./run.ts";

let folder: string;
let api: ApiServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-completion-"));
  const controlSocket = join(folder, "control.sock");
  api = await startApi({
    backend: new ExampleBackend(),
    controlSocket,
    listen: [],
    log: silentLog,
  });
  for (const shell of ["bash", "zsh"])
    writeFileSync(join(folder, shell), (await flexspoke(`completion ${shell}`)).stdout);
  writeFileSync(join(folder, "branch.yaml"), "");
});

afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

/** A `flexspoke` for the shell that knows two clients and two tracks, as `completion names` prints them. */
const program = `flexspoke() {
  case "$*" in
    *"completion names client") printf 'hq\\nbackup\\n' ;;
    *"completion names track") printf 'wan0-up\\nmaintenance\\n' ;;
    *) return 1 ;;
  esac
}`;

const shells = {
  /** Words as the shell splits them; the last one is being typed. */
  bash: (words: readonly string[]) => `${program}
source ${folder}/bash
COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")})
COMP_CWORD=${words.length - 1}
_flexspoke
printf '%s\\n' "\${COMPREPLY[@]}"`,
  /** Outside its line editor zsh has no compadd: this one prints what fits, as the real one would offer it. */
  zsh: (words: readonly string[]) => `${program}
compdef() { :; }
compadd() { shift; local each; for each in "$@"; do [[ $each == \${words[CURRENT]}* ]] && print -r -- $each; done; true; }
_files() { if [[ $1 == -/ ]]; then print -l -- *(N/); else print -l -- *(N); fi }
source ${folder}/zsh
words=(${words.map((word) => `'${word}'`).join(" ")})
CURRENT=${words.length}
_flexspoke`,
};

const hasShell = (name: string) => spawnSync(name, ["-c", "true"]).status === 0;

const cases: readonly (readonly [line: string, expected: readonly string[]])[] = [
  ["show cl", ["client"]],
  ["show c", ["client", "crypto"]],
  ["sh cry ike", ["ikev2"]],
  ["show crypto ikev2 s", ["sa", "session", "stats"]],
  ["show crypto ikev2 sa ", ["detailed"]],
  ["show client ", ["backup", "hq"]],
  ["sh cl h", ["hq"]],
  ["connect ", ["backup", "hq"]],
  ["rekey ", ["child", "ike"]],
  ["rekey ike b", ["backup"]],
  ["track set m", ["maintenance"]],
  ["track set maintenance ", ["down", "up"]],
  ["debug ikev2 tr", ["track"]],
  ["debug --client ", ["backup", "hq"]],
  ["show version --j", ["--json"]],
  ["show version --run", ["--run-dir"]],
  ["run --log-level d", ["debug"]],
  ["--run-dir /nowhere sh ver --js", ["--json"]],
  ["show client hq x", []],
  ["check ", ["bash", "branch.yaml", "control.sock", "zsh"]],
];

describe.each(Object.entries(shells))("%s", (shell, script) => {
  test.skipIf(!hasShell(shell)).each(cases)("%s", (line, expected) => {
    const words = ["flexspoke", ...line.split(" ")];
    const args = shell === "bash" ? ["--norc", "-c"] : ["-f", "-c"];
    const { stdout, stderr } = spawnSync(shell, [...args, script(words)], {
      encoding: "utf8",
      cwd: folder,
    });
    expect(stderr).toBe("");
    expect(stdout.split("\n").filter(Boolean).sort()).toEqual(expected);
  });
});

test("names come from the daemon, and nothing where there is none", async () => {
  expect((await flexspoke(`completion names client --run-dir ${folder}`)).stdout).toBe(
    "hq\nbackup\n",
  );
  expect((await flexspoke("completion names sla --run-dir /nowhere")).stdout).toBe("");
});

import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ResolvedConfig } from "#config/resolved.ts";
import { ChangeGuard } from "#daemon/change-guard.ts";
import { ConfigFiles } from "#daemon/config-files.ts";
import { firstConfiguration } from "#daemon/first-configuration.ts";
import type { GuardInput } from "#guard/inputs.ts";
import { type MonotonicMs, minutes, type WallClock } from "#lib/duration.ts";
import type { ClientStatus } from "#state/document.ts";
import { silentLog } from "../api/example-backend.ts";

const wall = Date.UTC(2026, 0, 1) as WallClock;
const textWith = (peer: string) => `ikev2:
  profiles:
    hq:
      local: { identity: fqdn:branch12.example.net, authentication: psk, psk: pre-shared }
      remote: { identity: fqdn:hub.example.net, authentication: psk, psk: pre-shared }
clients:
  hq: { peers: [ { address: ${peer} } ] }
change-guard: { within: 1m }
`;
const good = textWith("203.0.113.1");
const bad = textWith("203.0.113.99");

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-guard-"));
  mkdirSync(join(folder, "state"));
  file = join(folder, "config.yaml");
  writeFileSync(file, good, { mode: 0o640 });
});
afterEach(() => rmSync(folder, { recursive: true }));

/** One life of a process around the guard, with time of its own. */
class Life {
  readonly files = new ConfigFiles(file, join(folder, "state"));
  readonly events: string[] = [];
  readonly applied: ResolvedConfig[] = [];
  readonly guard = new ChangeGuard({
    files: this.files,
    log: silentLog,
    wall: () => wall,
    record: ({ mnemonic, message }) => void this.events.push(`${mnemonic} ${message}`),
    apply: (config) => void this.applied.push(config),
    give: (input) => this.#give(input),
  });
  #now = 0;

  constructor() {
    const first = firstConfiguration(this.files, wall, () => {});
    if (!first.ok) throw new Error(first.error.join("\n"));
    this.guard.begin(first.value);
    this.applied.push(first.value.config);
  }

  /** Address of the only peer in force. */
  get peer(): string {
    return JSON.stringify(this.applied.at(-1)?.clients["hq"]?.peers[0]?.host);
  }

  client(status: ClientStatus): this {
    this.#give({ kind: "client-changed", client: "hq", status, reason: "no answer" });
    return this;
  }

  pass(seconds: number): this {
    const end = this.#now + seconds * 1_000;
    const { engine } = this.guard;
    for (let at = engine.nextTimeout(); at !== undefined && at <= end; at = engine.nextTimeout()) {
      this.#now = at;
      this.#give({ kind: "timeout" });
    }
    this.#now = end;
    return this;
  }

  #give(input: GuardInput): void {
    for (const action of this.guard.engine.handle(input, this.#now as MonotonicMs))
      this.guard.perform(action);
  }
}

const connected = () => new Life().client("up").pass(6);

test("a reload that cuts the branch off is undone in force and on disk, and the file is put aside", () => {
  const life = connected();
  writeFileSync(file, bad);
  expect(life.guard.reload("SIGHUP")).toEqual({ kind: "accepted" });
  expect(life.peer).toContain("203.0.113.99");
  life.client("connecting").pass(61);

  expect(life.peer).toContain("203.0.113.1");
  expect(readFileSync(file, "utf8")).toBe(good);
  expect(readFileSync(`${file}.undone`, "utf8")).toBe(bad);
  expect(life.events.at(-1)).toBe(
    `FLEXSPOKE-3-CONFIGURATION_UNDONE the configuration before is in force again: hq was up before and did not come up within 1m (no answer); the one that was undone is in ${file}.undone`,
  );
});

test("an invalid file changes nothing and says everything that is wrong", () => {
  const life = connected();
  writeFileSync(file, "hostnam: x\n");
  const outcome = life.guard.reload("SIGHUP");
  expect(outcome).toMatchObject({ kind: "refused", code: "configuration.invalid" });
  expect(JSON.stringify(outcome)).toContain("hostnam: unknown key");
  expect(life.applied).toHaveLength(1);
});

test("a committed text becomes the file at once and stays when it is confirmed", () => {
  const life = connected();
  expect(life.guard.commit(bad, minutes(5), "command line")).toEqual({ kind: "accepted" });
  expect(readFileSync(file, "utf8")).toBe(bad);
  life.client("connecting").pass(100);
  expect(life.guard.confirm("command line")).toEqual({ kind: "accepted" });
  life.pass(1_000);
  expect(life.peer).toContain("203.0.113.99");
  expect(new Life().peer).toContain("203.0.113.99");
});

test("there is nothing to confirm without a trial", () => {
  expect(connected().guard.confirm("command line")).toMatchObject({
    code: "configuration.not-on-trial",
  });
});

test("a process that dies in the trial is followed by one more try, then by the configuration before", () => {
  connected().guard.commit(bad, minutes(5), "command line");
  expect(new Life().peer).toContain("203.0.113.99");

  const third = new Life();
  expect(third.peer).toContain("203.0.113.1");
  expect(third.events[0]).toContain("ended the process more than once");
  expect(readFileSync(file, "utf8")).toBe(good);
  expect(new Life().events).toEqual([]);
});

test("the trial goes on in the next life, which undoes what does not connect", () => {
  connected().guard.commit(bad, minutes(5), "command line");
  const life = new Life().client("connecting").pass(301);
  expect(life.peer).toContain("203.0.113.1");
  expect(readFileSync(file, "utf8")).toBe(good);
});

test("a clean end in the trial costs no chance", () => {
  connected().guard.commit(bad, minutes(5), "command line");
  for (let restart = 0; restart < 3; restart++) {
    const life = new Life();
    expect(life.peer).toContain("203.0.113.99");
    life.guard.ended();
  }
});

test("a start with a file that became invalid begins with what last connected the branch", () => {
  connected();
  writeFileSync(file, "clients: [\n");
  const life = new Life();
  expect(life.peer).toContain("203.0.113.1");
  expect(life.events[0]).toContain(
    "FLEXSPOKE-3-CONFIGURATION_REFUSED the configuration is invalid",
  );
  expect(readFileSync(file, "utf8")).toBe("clients: [\n");
});

test("what never connected the branch is nothing to fall back on", () => {
  new Life().client("connecting").pass(600);
  writeFileSync(file, "clients: [\n");
  expect(() => new Life()).toThrow(/config\.yaml:\d+:\d+/);
});

test("what another file once said is nothing to fall back on", () => {
  connected();
  const other = new ConfigFiles(join(folder, "other.yaml"), join(folder, "state"));
  expect(other.knownGood()).toBeUndefined();
});

test("a damaged state folder is as good as an empty one", () => {
  connected();
  for (const name of ["known-good.json", "trial.json"])
    writeFileSync(join(folder, "state", name), "{ half");
  expect(new Life().events).toEqual([]);
});

test("a configuration that is a link is written where it leads, with its mode", () => {
  const target = join(folder, "real.yaml");
  writeFileSync(target, good, { mode: 0o640 });
  rmSync(file);
  symlinkSync(target, file);
  const life = connected();
  life.guard.commit(bad, minutes(5), "command line");
  expect(readFileSync(target, "utf8")).toBe(bad);
});

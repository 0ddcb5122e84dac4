import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ApiServer, startApi } from "#api/server.ts";
import { ExampleBackend, silentLog } from "../api/example-backend.ts";
import { flexspoke, type Run } from "./run.ts";

let folder: string;
let api: ApiServer;
let backend: ExampleBackend;

const start = () =>
  startApi({ backend, controlSocket: join(folder, "control.sock"), listen: [], log: silentLog });

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-monitor-"));
  backend = new ExampleBackend();
  api = await start();
});

afterEach(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

/** `monitor` at work: what it prints can be waited for. */
class Monitor {
  readonly #interrupt = new AbortController();
  readonly #run: Promise<Run>;
  #text = "";
  #heard: () => void = () => {};

  constructor(line: string) {
    this.#run = flexspoke(`--run-dir ${folder} ${line}`, {
      interrupt: this.#interrupt.signal,
      onPrint: (text) => {
        this.#text = text;
        this.#heard();
      },
    });
  }

  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#text))
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
  }

  /** Ctrl-C. */
  end(): Promise<Run> {
    this.#interrupt.abort();
    return this.#run;
  }

  /** The stream is open when somebody listens. */
  async listening(): Promise<void> {
    while (backend.subscribers === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

test("events are printed as they happen, one a line, and Ctrl-C ends it well", async () => {
  const monitor = new Monitor("monitor");
  await monitor.listening();
  backend.happen(44, "the first");
  backend.happen(45, "the second");
  await monitor.until(/second/);
  expect(await monitor.end()).toMatchObject({
    status: 0,
    stderr: "",
    stdout:
      "44 2026-11-24 10:00:00Z %FLEXSPOKE-5-TEST: the first\n45 2026-11-24 10:00:00Z %FLEXSPOKE-5-TEST: the second\n",
  });
});

test("when the daemon restarts nothing that happened meanwhile is missing and nothing comes twice", async () => {
  const monitor = new Monitor("monitor");
  await monitor.listening();
  backend.happen(44, "before");
  await monitor.until(/before/);
  await api.close();
  await monitor.until(/is gone/);
  backend.happen(45, "meanwhile");
  api = await start();
  await monitor.until(/meanwhile/);
  backend.happen(46, "afterwards");
  await monitor.until(/afterwards/);
  const { stdout, stderr } = await monitor.end();
  expect(stdout.match(/: (\w+)$/gm)).toEqual([": before", ": meanwhile", ": afterwards"]);
  expect(stderr).toBe(
    "flexspoke: the daemon is gone, waiting for it\nflexspoke: the daemon is there again\n",
  );
});

test("--last begins with what happened before", async () => {
  const monitor = new Monitor("monitor --last 2");
  await monitor.until(/NEG_ABORT/);
  expect((await monitor.end()).stdout.match(/^\d+/gm)).toEqual(["42", "43"]);
});

test.each([
  ["client=hq", ["41", "42"]],
  ["peer=203.0.113.9", ["43"]],
  ["severity=warning", ["43"]],
  ["severity=notice", ["41", "43"]],
  ["mnemonic=ikev2-5", ["41"]],
  ["address.10", ["42"]],
  ["client=hq --filter SA_UP", ["41"]],
])("--filter %s lets events %j through", async (filter, ids) => {
  const monitor = new Monitor(`monitor --last 10 --filter ${filter}`);
  await monitor.listening();
  expect((await monitor.end()).stdout.match(/^\d+/gm)).toEqual(ids);
});

test("--json is a document a line", async () => {
  const monitor = new Monitor("monitor --last 1 --json");
  await monitor.listening();
  expect(JSON.parse((await monitor.end()).stdout)).toMatchObject({ id: 43, client: "backup" });
});

test.each([
  ["monitor --filter severity=loud", /no severity is called "loud" \(there is emergency, /],
  ["monitor --filter (", /not a filter: \( \(give client=/],
  ["monitor --last many", /whole number/],
])("%s is wrong usage", async (line, reason) => {
  const { status, stderr } = await flexspoke(line);
  expect(status).toBe(2);
  expect(stderr).toMatch(reason);
});

test("monitor without a daemon says how to start it, and does not wait for one", async () => {
  await api.close();
  const { status, stderr } = await flexspoke(`monitor --run-dir ${folder}`);
  expect(status).toBe(3);
  expect(stderr).toMatch(/the daemon is not running/);
  api = await start();
});

test("output goes through a pipe as it comes", async () => {
  const monitor = new Monitor("monitor --last 3 | include SA_UP");
  await monitor.until(/SA_UP/);
  expect((await monitor.end()).stdout.match(/^\d+/gm)).toEqual(["41"]);
});

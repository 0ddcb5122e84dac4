import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ApiServer, startApi } from "#api/server.ts";
import { minutes } from "#lib/duration.ts";
import { flexspoke } from "../cli/run.ts";
import { ExampleBackend, silentLog } from "./example-backend.ts";
import { exampleState } from "./example-state.ts";

let folder: string;
let backend: ExampleBackend;
let api: ApiServer;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-configuration-"));
  backend = new ExampleBackend();
  const controlSocket = join(folder, "control.sock");
  api = await startApi({ backend, controlSocket, listen: [], log: silentLog });
});
afterEach(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const run = (line: string) => flexspoke(`${line} --run-dir ${folder}`);

test("commit-confirmed hands the text over and says what keeps it", async () => {
  const text = `hostname: branch12 # ${"x".repeat(100_000)}\n`;
  writeFileSync(join(folder, "new.yaml"), text);
  const trial = { by: "command line", lacking: ["hq"], "needs-confirm": true } as const;
  backend.state = () => ({
    ...exampleState,
    configuration: { kept: false, trial: { ...trial, "undone-at": "2026-11-24T10:05:00.000Z" } },
  });
  const { status, stdout } = await run(`commit-confirmed ${folder}/new.yaml --within 90s`);
  expect(status).toBe(0);
  expect(stdout).toBe(
    "the configuration is in force, on trial: hq must be up again by 2026-11-24 10:05:00Z, or it is undone (`flexspoke confirm` keeps it)\n",
  );
  const change = { kind: "commit", text, within: minutes(1.5) };
  expect(backend.changes).toEqual([{ change, by: "command line" }]);
});

test("an invalid configuration is told line by line with status 2", async () => {
  const errors = ["config.yaml:1:1: hostnam: unknown key", "config.yaml:2:1: x: unknown key"];
  backend.change = {
    kind: "refused",
    code: "configuration.invalid",
    reason: "it is invalid",
    errors,
  };
  const { status, stderr } = await run("reload");
  expect(status).toBe(2);
  expect(stderr).toBe(`flexspoke: it is invalid:\n${errors.join("\n")}\n`);
});

test("confirm without a trial fails with the reason", async () => {
  backend.change = { kind: "refused", code: "configuration.not-on-trial", reason: "nothing waits" };
  expect(await run("confirm")).toMatchObject({ status: 1, stderr: "flexspoke: nothing waits\n" });
});

test("a time that is none and a file that is not there are wrong usage", async () => {
  expect(await run(`commit-confirmed ${folder}/new.yaml --within soon`)).toMatchObject({
    status: 2,
  });
  expect(await run(`commit-confirmed ${folder}/none.yaml`)).toMatchObject({ status: 2 });
  expect(backend.changes).toEqual([]);
});

/** The update commands through the real local API, on an appliance whose disk is simulated. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { globalAgent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { answers } from "#api/schema/answers.ts";
import { type ApiServer, startApi } from "#api/server.ts";
import { exampleBundle, strangeKey } from "#test/support/update/example-bundle.ts";
import { type Life, SimulatedAppliance } from "#test/support/update/simulated-appliance.ts";
import { ExampleBackend, silentLog } from "../api/example-backend.ts";
import { ask } from "../api/http.ts";
import { flexspoke } from "./run.ts";

let folder: string;
let appliance: SimulatedAppliance;
let life: Life;
let api: ApiServer;
let bundle: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-update-"));
  bundle = join(folder, "flexspoke-0.5.1.fsu");
  appliance = new SimulatedAppliance();
  await begin();
});
afterEach(async () => {
  await api.close();
  appliance.remove();
  rmSync(folder, { recursive: true });
});

/** A start of the appliance, with its API. */
async function begin(): Promise<void> {
  life = await appliance.start();
  const backend = Object.assign(new ExampleBackend(), { updates: life.updates });
  const controlSocket = join(folder, "control.sock");
  const listen = [{ address: "127.0.0.1", port: 0 }] as const;
  api = await startApi({ backend, controlSocket, listen: [...listen] as never, log: silentLog });
}

async function restart(): Promise<void> {
  expect(life.isRestarting()).toBe(true);
  await api.close();
  // The command line of the next start is another process: it has no connection of this one.
  globalAgent.destroy();
  await begin();
}

const run = (line: string, around = {}) => flexspoke(`${line} --run-dir ${folder}`, around);

test("a bundle is installed with a bar that shows how far it is, and the device restarts", async () => {
  writeFileSync(bundle, appliance.bundle("0.5.1", 0x41).bytes);
  const { status, stdout } = await run(`update ${bundle}`, { columns: 80 });
  expect(status).toBe(0);
  expect(stdout.split("\r").at(-1)).toBe(
    "0.5.1 is installed: the device restarts and tries it; it stays when what is up now is up again (`flexspoke update status` tells)\n",
  );
  await restart();
  expect(await run("update status")).toMatchObject({
    stderr: "",
    status: 0,
    stdout: [
      "Board  : qemu-virt",
      "Slot B : 0.5.1, built 2026-11-24 00:00:00Z, runs",
      "Slot A : 0.5.0, built 2026-11-24 00:00:00Z",
      "Now    : on trial: it must go on working, by 2026-11-24 00:01:00Z, or 0.5.0 comes back",
      "",
    ].join("\n"),
  });
  expect(await run("update keep")).toMatchObject({ status: 0, stdout: "the system stays\n" });
  await life.updates.settled();
  expect((await run("update status")).stdout).toContain("0.5.1: kept");
});

test("a bundle from a pipe does as well", async () => {
  const stdin = Readable.from([Buffer.from(appliance.bundle("0.5.1", 0x41).bytes)]);
  expect(await run("update --no-restart -", { stdin })).toMatchObject({
    status: 0,
    stdout: "0.5.1 is installed: the next start tries it\n",
  });
  expect(await run("update rollback")).toMatchObject({
    status: 0,
    stdout: "the update is called off: nothing is tried at the next start\n",
  });
});

test.each([
  ["of a stranger", { key: strangeKey }, "the bundle is not signed by a key of this device"],
  [
    "for another board",
    { board: ["raspberrypi"] },
    "the bundle is for raspberrypi, this device is qemu-virt",
  ],
  [
    "that is older",
    { version: "0.4.0" },
    "the bundle brings 0.4.0, older than 0.5.0 which runs here",
  ],
])(
  "a bundle %s is refused in one line that says why, however much of it is still to come",
  async (_what, options, reason) => {
    writeFileSync(bundle, exampleBundle(options).bytes);
    const { status, stderr } = await run(`update ${bundle}`);
    expect(status).toBe(1);
    expect(stderr).toContain(`flexspoke: ${reason}`);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(life.isRestarting()).toBe(false);
  },
);

test("an older bundle is installed by force on the device, and not over the network", async () => {
  const old = exampleBundle({ version: "0.4.0" }).bytes;
  writeFileSync(bundle, old);
  const { port = 0 } = api.endpoints[0] ?? {};
  const overNetwork = await ask({ host: "127.0.0.1", port }, "/api/v1/update?force=yes", {
    method: "POST",
  });
  expect(overNetwork.status).toBe(403);
  expect(await run(`update --force ${bundle}`)).toMatchObject({ status: 0 });
});

test("wrong usage says what is right, with status 2", async () => {
  expect(await run("update")).toMatchObject({ status: 2 });
  expect(await run("update /nowhere/at.fsu")).toMatchObject({
    status: 2,
    stderr: "flexspoke: /nowhere/at.fsu: no such file (name an update bundle)\n",
  });
  writeFileSync(bundle, "");
  expect((await run(`update --within soon ${bundle}`)).status).toBe(2);
});

test("what the API answers is as it is described", async () => {
  const { body } = await ask({ socketPath: join(folder, "control.sock") }, "/api/v1/update");
  expect(answers.Update.parse(body)).toEqual(body);
});

test("on a machine with a system of its own there are no updates", async () => {
  await api.close();
  api = await startApi({
    ...{ backend: new ExampleBackend(), controlSocket: join(folder, "control.sock") },
    ...{ listen: [], log: silentLog },
  });
  writeFileSync(bundle, exampleBundle().bytes);
  for (const command of [`update ${bundle}`, "update status", "update rollback", "update keep"]) {
    const { status, stderr } = await run(command);
    expect(status).toBe(1);
    expect(stderr).toContain("this machine has a system of its own");
  }
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiServer, startApi } from "#api/server.ts";
import type { Diagnosis } from "#state/diagnose/diagnosis.ts";
import { ExampleBackend, silentLog } from "../api/example-backend.ts";
import { flexspoke } from "./run.ts";

const mismatch: Diagnosis = {
  client: "hq",
  at: "2026-11-24T10:00:00.000Z",
  healthy: false,
  summary: "hq is not up: 203.0.113.1 takes none of the IKE proposals that this branch offers.",
  findings: [
    {
      code: "ike-proposal-mismatch",
      certainty: "certain",
      when: "now",
      explanation:
        "The hub and this branch have no set of algorithms in common, so that neither can go on with the exchange that the branch began.",
      remedy: "Give the profile a proposal that the hub has too, or add one of ours at the hub.",
      evidence: [
        { kind: "event", text: "203.0.113.1:500 accepts none", event: 43 },
        {
          kind: "exchange",
          text: "IKE proposals",
          comparison: {
            ours: ["aes-gcm-256, sha384, x25519", "aes-cbc-256, sha256, ecp256"],
            theirs: ["none (NO_PROPOSAL_CHOSEN) \x1b[2J"],
          },
        },
      ],
    },
  ],
};

class SickBackend extends ExampleBackend {
  override diagnose(client: string): Promise<Diagnosis> {
    if (client === "hq") return Promise.resolve(mismatch);
    const { at } = mismatch;
    const summary = `${client} is up and nothing stands in its way.`;
    return Promise.resolve({ client, at, healthy: true, summary, findings: [] });
  }
}

let folder: string;
let api: ApiServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-diagnose-"));
  const controlSocket = join(folder, "control.sock");
  api = await startApi({ backend: new SickBackend(), controlSocket, listen: [], log: silentLog });
});

afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const run = (line: string, columns?: number) =>
  flexspoke(`${line} --run-dir ${folder}`, columns === undefined ? {} : { columns });

test("diagnose NAME says what is wrong, what to do and what was seen, proposals side by side", async () => {
  const { status, stdout, stderr } = await run("diagnose hq");
  expect({ status, stderr }).toEqual({ status: 1, stderr: "" });
  expect(stdout).toMatchInlineSnapshot(`
    "hq: not healthy
      hq is not up: 203.0.113.1 takes none of the IKE proposals that this branch offers.

      1. ike-proposal-mismatch (certain, now)
         The hub and this branch have no set of algorithms in common, so that neither can go on with
         the exchange that the branch began.
         What to do: Give the profile a proposal that the hub has too, or add one of ours at the hub.
         Seen, event 43: 203.0.113.1:500 accepts none
         Seen, exchange: IKE proposals
           ours                         | theirs
           aes-gcm-256, sha384, x25519  | none (NO_PROPOSAL_CHOSEN) \\x1b[2J
           aes-cbc-256, sha256, ecp256  |
    "
  `);
});

test("without a name it is all clients, and one that is not healthy is status 1", async () => {
  const { status, stdout } = await run("diag");
  expect(status).toBe(1);
  expect(stdout.match(/^\w.*$/gm)).toEqual(["hq: not healthy", "backup: healthy"]);
});

test("a healthy client is status 0", async () => {
  expect(await run("diagnose backup")).toMatchObject({
    status: 0,
    stdout: "backup: healthy\n  backup is up and nothing stands in its way.\n",
  });
});

test("text is broken at words where the terminal ends", async () => {
  const { stdout } = await run("diagnose hq", 50);
  const prose = stdout.split("\n").filter((line) => !line.includes("|") && !line.includes("\x1b"));
  expect(Math.max(...prose.map(({ length }) => length))).toBeLessThanOrEqual(50);
});

test("--json is the diagnosis of the API, or a list of them", async () => {
  expect(JSON.parse((await run("diagnose hq --json")).stdout)).toEqual(mismatch);
  expect(JSON.parse((await run("diagnose --json")).stdout)).toHaveLength(2);
});

test("an unknown client is named with those there are", async () => {
  expect((await run("diagnose hub")).stderr).toBe(
    'flexspoke: no client named "hub": there is hq, backup\n',
  );
});

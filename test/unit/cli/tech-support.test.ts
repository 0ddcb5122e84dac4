/** The support archive: all of it is there, a real tar reads it, and no secret that was planted is in it. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiServer, startApi } from "#api/server.ts";
import { masking } from "#cli/support/known-secrets.ts";
import { tarArchive } from "#cli/tar-archive.ts";
import type { StoredEvent } from "#state/document.ts";
import { ExampleBackend, silentLog } from "../api/example-backend.ts";
import { exampleState } from "../api/example-state.ts";
import { flexspoke } from "./run.ts";

const secrets = {
  inFile: "planted-psk-in-a-file",
  literal: 'planted "literal" psk',
  inEnvironment: "planted-in-the-environment",
  inComment: "planted-old-key-of-a-comment",
  dialer: "planted-password-of-the-line",
};

const config = `# was: ${secrets.inComment}
ikev2:
  profiles:
    hq:
      local:  { identity: fqdn:branch12.example.net, authentication: psk, psk: { file: secrets/hq.psk } }
      remote: { identity: fqdn:hub.example.net,      authentication: psk, psk: ${JSON.stringify(secrets.literal)} }
    other:
      local:  { identity: fqdn:branch12.example.net, authentication: psk, psk: { env: PLANTED } }
      remote: { identity: fqdn:hub.example.net,      authentication: psk, psk: { env: PLANTED } }
dialers:
  dsl: { pppoe: { interface: eth2, username: u, password: ${secrets.dialer} } }
clients:
  hq:
    profile: hq
    peers: [ { fqdn: hub1.example.net } ]
    inside: [ br-lan ]
    dialer: dsl
    source: [ { interface: ppp0 } ]
`;

/** A daemon that lets every secret slip into what it shows. */
class LeakyBackend extends ExampleBackend {
  override document() {
    const said = Object.values(secrets).join(" ");
    const hq = exampleState.clients["hq"];
    return { ...exampleState, clients: { hq: { ...hq, reason: said } } } as never;
  }

  override events(): readonly StoredEvent[] {
    return Object.values(secrets).map((secret, id) => ({
      id,
      time: "2026-11-24T09:00:00.000Z",
      uptime: 1,
      severity: "error",
      mnemonic: "IKEV2-3-NEG_ABORT",
      message: `failed with ${secret}`,
      data: {
        hex: Buffer.from(secret).toString("hex"),
        base64: Buffer.from(secret).toString("base64"),
      },
    }));
  }

  survey() {
    return Promise.resolve({ "security-associations": [{ spi: 0xc1a2b3c4 }] });
  }
}

let folder: string;
let api: ApiServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-support-"));
  mkdirSync(join(folder, "secrets"));
  for (const [name, text] of [
    ["config.yaml", config],
    ["secrets/hq.psk", `${secrets.inFile}\n`],
    ["daemon.log", `something about ${secrets.inFile} and ${secrets.dialer}\nthe last line\n`],
  ] as const) {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o600);
  }
  const controlSocket = join(folder, "control.sock");
  api = await startApi({ backend: new LeakyBackend(), controlSocket, listen: [], log: silentLog });
});

afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const env = { PLANTED: secrets.inEnvironment };

/** Makes an archive and unpacks it with the system's tar. @returns the files by their names. */
async function unpacked(name: string, more = ""): Promise<ReadonlyMap<string, string>> {
  const archive = join(folder, `${name}.tar.gz`);
  const line = `--run-dir ${folder} --state-dir ${folder} tech-support ${archive} -c ${folder}/config.yaml ${more}`;
  expect(await flexspoke(line, { env })).toMatchObject({
    status: 0,
    stdout: `${archive}\n`,
    stderr: "",
  });
  const target = join(folder, name);
  mkdirSync(target);
  execFileSync("tar", ["-xzf", archive, "-C", target]);
  const files = readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const inside = /flexspoke-support-20261124T094000Z\/(.*)/;
  return new Map(files.map((path) => [inside.exec(path)?.[1] ?? path, readFileSync(path, "utf8")]));
}

test("everything is in it, for its owner alone", async () => {
  const files = await unpacked("whole", `--log ${folder}/daemon.log`);
  for (const name of [
    "README.txt",
    "config.yaml",
    "config-resolved.yaml",
    "diagnoses.json",
    "events.json",
    "host.json",
    "kernel.json",
    "kernel/proc/version",
    "log.txt",
    "recording.jsonl",
    "show-tech-support.txt",
    "state.json",
  ])
    expect([...files.keys()]).toContain(name);
  expect(statSync(join(folder, "whole.tar.gz")).mode & 0o777).toBe(0o600);
  expect(files.get("show-tech-support.txt")).toMatch(
    /\n-{18} show crypto ikev2 sa detailed -{18}\n\n IPv4 Crypto IKEv2 {2}SA\n/,
  );
  expect(files.get("log.txt")).toContain("the last line");
  expect(JSON.parse(files.get("kernel.json") ?? "")).toHaveProperty("security-associations");
});

test("secrets that slipped into answers, events and the log are masked, however they are written", async () => {
  const files = await unpacked("masked", `--log ${folder}/daemon.log`);
  const all = [...files.values()].join("\n");
  for (const secret of Object.values(secrets).filter((each) => each !== secrets.inComment)) {
    const bytes = Buffer.from(secret);
    expect(all).not.toContain(secret);
    expect(all).not.toContain(JSON.stringify(secret).slice(1, -1));
    expect(all).not.toContain(bytes.toString("hex"));
    expect(all).not.toContain(bytes.toString("base64").replace(/=+$/, ""));
  }
  expect(files.get("config.yaml")).toContain("•••");
  expect(files.get("config.yaml")).not.toContain(secrets.inComment);
  expect(JSON.parse(files.get("events.json") ?? "")).toHaveLength(5);
});

test("without a daemon there is an archive all the same, and it says what is missing", async () => {
  const archive = join(folder, "alone.tar.gz");
  const line = `--run-dir ${folder}/nowhere tech-support ${archive} -c ${folder}/nowhere.yaml`;
  expect((await flexspoke(line)).status).toBe(0);
  const text = execFileSync("tar", ["-xzOf", archive], { encoding: "utf8" });
  expect(text).toMatch(/Could not be had:\n {2}\/api\/v1\/state: the daemon is not running/);
  expect(text).toContain("nowhere.yaml: can't be read");
});

test("a file that is there is not overwritten", async () => {
  const archive = join(folder, "twice.tar.gz");
  writeFileSync(archive, "mine");
  const { status, stderr } = await flexspoke(`--run-dir ${folder} tech-support ${archive}`);
  expect({ status, stderr }).toEqual({
    status: 1,
    stderr: `flexspoke: ${archive} is there already (name another file)\n`,
  });
  expect(readFileSync(archive, "utf8")).toBe("mine");
});

test("the archive has names, sizes and times as tar shows them", () => {
  const archive = join(folder, "plain.tar");
  const content = ["", "x", "y".repeat(512), "z".repeat(513)];
  writeFileSync(
    archive,
    tarArchive(
      content.map((text, index) => ({ name: `folder/file${index}`, content: text })),
      Date.UTC(2026, 10, 24, 9, 40),
    ),
  );
  const listing = execFileSync("tar", ["-tvf", archive], {
    encoding: "utf8",
    env: { ...process.env, TZ: "UTC" },
  });
  expect(listing.split("\n").slice(0, 4)).toEqual([
    "-rw------- root/root         0 2026-11-24 09:40 folder/file0",
    "-rw------- root/root         1 2026-11-24 09:40 folder/file1",
    "-rw------- root/root       512 2026-11-24 09:40 folder/file2",
    "-rw------- root/root       513 2026-11-24 09:40 folder/file3",
  ]);
  expect(() => tarArchive([{ name: "n".repeat(101), content: "" }], 0)).toThrow(RangeError);
});

test("what is masked is taken longest first, and short words are left", () => {
  const mask = masking(["planted", "planted-longer"]);
  expect(mask("a planted-longer and a planted one")).toBe("a ••• and a ••• one");
});

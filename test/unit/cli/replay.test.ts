import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Recorder } from "#daemon/recorder.ts";
import { client, hub1, Story, seededRandom } from "../flexvpn/story.ts";
import { flexspoke } from "./run.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-replay-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A client that connects, as it was recorded. */
function recording(): string {
  const recorder = new Recorder();
  const story = new Story(1, recorder.random("flexvpn", seededRandom(1)));
  story.observe = (input, actions, now) => recorder.observe("flexvpn", input, actions, now);
  story.configure(client());
  story.give({ kind: "start" });
  story.up();
  return recorder.text({ version: "0.1.0", started: "2026-11-24T00:00:00.000Z" });
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** One file of a tar archive; only what a reader looks at. */
function archived(name: string, content: string): Uint8Array {
  const body = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("ustar\x0000", 257);
  return Buffer.concat([header, body, Buffer.alloc(512 - (body.length % 512))]);
}

test("replay prints what was told and decided, and that it is the same", async () => {
  const { status, stdout } = await flexspoke(["replay", file("plain.jsonl", recording())]);
  expect(status).toBe(0);
  expect(stdout).toContain(
    `2026-11-24T00:00:00.000Z   FlexVPN(hq):%FLEXVPN-6-FLEXVPN_CONNECTION_UP: FlexVPN(hq) is up with ${hub1}`,
  );
  expect(stdout).toMatch(
    /\n\d+ inputs since 2026-11-24T00:00:00.000Z, .*: every decision is the one/,
  );
});

test("an archive of tech-support will do, and so will a packed recording", async () => {
  const archive = Buffer.concat([
    archived("support/README.txt", "hello"),
    archived("support/recording.jsonl", recording()),
    Buffer.alloc(1024),
  ]);
  for (const content of [gzipSync(archive), gzipSync(recording()), archive])
    expect(await flexspoke(["replay", file("any", content)])).toMatchObject({ status: 0 });
});

test("a decision that differs is marked, told of, and ends with status 1", async () => {
  const altered = recording().replace(/("kind":"session-up".*"decided":")\w+/, "$100000000");
  const { status, stdout, stderr } = await flexspoke(["replay", file("altered.jsonl", altered)]);
  expect(status).toBe(1);
  expect(stdout).toMatch(/^2026-11-24T00:00:00.000Z ! FlexVPN:<- session-up/m);
  expect(stderr).toContain("the replay differs from 2026-11-24T00:00:00.000Z on");
});

test("--part shows one engine, --json everything as data", async () => {
  const path = file("parts.jsonl", recording());
  expect((await flexspoke(["replay", path, "--part", "track"])).stdout).not.toContain("FlexVPN");
  const { stdout } = await flexspoke(["replay", path, "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ header: { version: "0.1.0" }, inputs: 4 });
});

test("a file that is none is wrong usage with what to name instead", async () => {
  for (const path of [join(folder, "none"), file("text", "hello"), file("gz", gzipSync("hello"))]) {
    const { status, stderr } = await flexspoke(["replay", path]);
    expect(status).toBe(2);
    expect(stderr).toContain("name an archive of `flexspoke tech-support`");
  }
});

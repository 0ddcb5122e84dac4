import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiServer, startApi } from "#api/server.ts";
import { trackBrief } from "#cli/show/track.ts";
import { ExampleBackend, silentLog } from "../api/example-backend.ts";
import { exampleTracks } from "../api/example-tracks.ts";
import { flexspoke } from "./run.ts";

let folder: string;
let api: ApiServer;
const backend = new ExampleBackend();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-track-"));
  const controlSocket = join(folder, "control.sock");
  api = await startApi({ backend, controlSocket, listen: [], log: silentLog });
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

const run = (line: string) => flexspoke(`${line} --run-dir ${folder}`);

test("show track is the layout of IOS with the reason beside the state", async () => {
  expect((await run("show track")).stdout).toMatchInlineSnapshot(`
    "Track 30
      IP SLA 30 reachability
      Reachability is Up (sla 30 returned ok)
        1 change, last change 2d02h
      Latest operation return code: OK
      Latest RTT (millisecs) 21
      Tracked by:
        track primary
    Track wan0-up
      Interface wan0 line-protocol
      Line protocol is Down (wan0 is down), delayed Up (1 sec remaining) (wan0 is up)
        3 changes, last change 00:12:41
      Delay up 10 secs, down 2 secs
      Last cause interface:wan0
      Tracked by:
        client hq
        track primary
    Track primary
      List boolean and (wan0-up and 30)
      Boolean AND is Down (wan0-up is down)
        2 changes, last change 00:12:41
        object wan0-up Down
        object 30 Up
      Last cause track:wan0-up
    Track maintenance
      Stub-object
      State is Down (down by default, nobody has set it)
        0 changes, last change never
    "
  `);
});

test("show track brief is one line an object in the columns of IOS", async () => {
  expect((await run("show track brief")).stdout).toMatchInlineSnapshot(`
    "Track       Type        Instance                   Parameter        State Last Change
    30          ip sla      30                         reachability     Up    2d02h
    wan0-up     interface   wan0                       line-protocol    Down  00:12:41
    primary     list                                   boolean          Down  00:12:41
    maintenance stub-object                                             Down  01:25:00
    "
  `);
});

test("columns grow with what is in them", () => {
  const name = "an-object-with-a-long-name";
  const lines = trackBrief({ [name]: exampleTracks["wan0-up"]! }).split("\n");
  expect(lines[0]?.indexOf("Type")).toBe(name.length + 1);
  expect(lines[1]?.indexOf("interface")).toBe(name.length + 1);
});

test("show track NAME is one object, and --json its data", async () => {
  expect((await run("show track maintenance")).stdout).toBe(
    "Track maintenance\n  Stub-object\n  State is Down (down by default, nobody has set it)\n    0 changes, last change never\n",
  );
  const { stdout } = await run("show track 30 --json");
  expect(JSON.parse(stdout)).toEqual(exampleTracks["30"]);
  const { status, stderr } = await run("show track nobody");
  expect(status).toBe(1);
  expect(stderr).toMatch(/no track named "nobody": there is 30, wan0-up, primary, maintenance/);
});

test("track set passes the state on and says which event tells of it", async () => {
  const { status, stdout } = await run("track set maintenance up");
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout: "track maintenance: set up (event 44)\n",
  });
  expect(backend.stubs).toEqual({ maintenance: "up" });
});

test("track set says why an object can't be set", async () => {
  backend.outcome = { kind: "refused", code: "track.not-a-stub", reason: "it goes by its route" };
  const { status, stderr } = await run("track set wan0-up up");
  expect({ status, stderr }).toEqual({ status: 1, stderr: "flexspoke: it goes by its route\n" });
});

test.each(["track set maintenance", "track set maintenance sideways", "track"])(
  "%s is wrong usage",
  async (line) => {
    expect((await run(line)).status).toBe(2);
  },
);

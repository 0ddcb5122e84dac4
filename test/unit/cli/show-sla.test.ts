import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiServer, startApi } from "#api/server.ts";
import { ExampleBackend, silentLog } from "../api/example-backend.ts";
import { exampleSla, exampleSlaHistory } from "../api/example-sla.ts";
import { flexspoke } from "./run.ts";

let folder: string;
let api: ApiServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "flexspoke-sla-"));
  const controlSocket = join(folder, "control.sock");
  api = await startApi({
    backend: new ExampleBackend(),
    controlSocket,
    listen: [],
    log: silentLog,
  });
});

afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

/** What a command prints; it must succeed and say nothing on stderr. */
async function shown(line: string): Promise<string> {
  const { status, stdout, stderr } = await flexspoke(`${line} --run-dir ${folder}`);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout;
}

test("show sla is one line an operation", async () => {
  expect(await shown("show sla")).toMatchInlineSnapshot(`
    "SLA        TYPE         TARGET         SOURCE  EVERY  RETURN CODE    SINCE                     RTT      AVG   JITTER   LOSS    OK  FAILED
    30         udp-echo     10.0.0.10:7    -        10 s  OverThreshold  2026-11-24 09:30:00Z   240 ms  24.4 ms  18.3 ms  12.5%   500       0
    hub1-echo  icmp-echo    203.0.113.1    wan0      1 s  OK             2026-11-24 08:15:31Z  12.3 ms  12.0 ms  0.41 ms     0%  5060       2
    portal     tcp-connect  10.0.0.10:443  -        60 s  Timeout        2026-11-24 09:12:00Z        -        -        -   100%     0      28
    "
  `);
});

test("show sla NAME is all about one, with its latest results", async () => {
  expect(await shown("show sla hub1-echo")).toMatchInlineSnapshot(`
    "SLA               : hub1-echo
    Type              : icmp-echo
    Target            : 203.0.113.1
    Source interface  : wan0
    Frequency         : 1 s
    Timeout           : 500 ms
    Threshold         : 200 ms
    Packets           : 1
    Return code       : OK
    Since             : 2026-11-24 08:15:31Z
    Reason            : 203.0.113.1 answered in 12 ms
    Successes         : 5060
    Failures          : 2
    Latest RTT        : 12.3 ms
    Least, mean, most : 9.9 ms, 12.0 ms, 180 ms
    Jitter            : 0.41 ms
    Loss              : 0%

    TIME                  RETURN CODE      RTT
    2026-11-24 09:39:57Z  Timeout            -
    2026-11-24 09:39:58Z  OK           11.5 ms
    2026-11-24 09:39:59Z  OK           12.3 ms
    "
  `);
});

test("show ip sla statistics is in the layout of IOS", async () => {
  expect(await shown("show ip sla statistics")).toMatchInlineSnapshot(`
    "IPSLAs Latest Operation Statistics

    IPSLA operation id: 30
            Latest RTT: 240 milliseconds
    Latest operation start time: 09:39:55 UTC Tue Nov 24 2026
    Latest operation return code: OverThreshold
    Jitter: 18.3 ms
    Packet loss: 12.5%
    Number of successes: 500
    Number of failures: 0
    Operation time to live: Forever

    IPSLA operation id: hub1-echo
            Latest RTT: 12 milliseconds
    Latest operation start time: 09:39:59 UTC Tue Nov 24 2026
    Latest operation return code: OK
    Number of successes: 5060
    Number of failures: 2
    Operation time to live: Forever

    IPSLA operation id: portal
            Latest RTT: NoConnection/Busy/Timeout
    Latest operation start time: 09:39:30 UTC Tue Nov 24 2026
    Latest operation return code: Timeout
    Number of successes: 0
    Number of failures: 28
    Operation time to live: Forever
    "
  `);
});

test("show ip sla statistics NAME is one of them", async () => {
  const text = await shown("show ip sla statistics portal");
  expect(text.match(/IPSLA operation id: (.*)/g)).toEqual(["IPSLA operation id: portal"]);
});

test("--json has the operations as the API gives them, one of them with its past", async () => {
  expect(JSON.parse(await shown("show sla --json"))).toEqual(exampleSla);
  expect(JSON.parse(await shown("show ip sla statistics --json"))).toEqual(exampleSla);
  expect(JSON.parse(await shown("show sla hub1-echo --json"))).toEqual({
    ...exampleSla["hub1-echo"],
    history: exampleSlaHistory,
  });
});

test("an operation that does not exist is named with those that do", async () => {
  const { status, stderr } = await flexspoke(`show sla hub9 --run-dir ${folder}`);
  expect(status).toBe(1);
  expect(stderr).toContain("hub9");
  expect(stderr).toContain("hub1-echo");
});

/** A branch in a process of its own, to be killed: something happens every millisecond, and it says what number it is at. */
import path from "node:path";
import { seconds } from "#lib/duration.ts";
import { parseIpAddress } from "#lib/ip.ts";
import { SqliteEventStore } from "#state/sqlite-event-store.ts";
import { startMqtt } from "#telemetry/mqtt/mqtt-reporter.ts";
import { ReportingBranch } from "#test/support/reporting-branch.ts";

const [, , stateDir = "", port = ""] = process.argv;
const store = new SqliteEventStore(path.join(stateDir, "events.db"), 100_000, "boot");
const branch = new ReportingBranch(stateDir, store);
const address = parseIpAddress("127.0.0.1");
if (!address) throw new Error("unreachable");
startMqtt(
  {
    host: { kind: "address", address },
    port: Number(port),
    clientId: "branch12",
    prefix: "flexspoke",
    keepalive: seconds(2),
    spoolBytes: 8 * 2 ** 20,
    commands: [],
  },
  branch.context,
);
setInterval(() => {
  branch.happen(1);
  process.stdout.write(`${branch.events.lastId}\n`);
}, 1);

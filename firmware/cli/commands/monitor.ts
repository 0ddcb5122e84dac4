import { type Command, InvalidArgumentError } from "commander";
import type { StoredEvent } from "#state/document.ts";
import { call } from "../control-socket.ts";
import { eventFilter } from "../event-filter.ts";
import { followEvents } from "../event-source.ts";
import { eventLine } from "../show/events.ts";
import {
  type FolderOptions,
  runDir,
  type Surroundings,
  untilInterrupted,
} from "../surroundings.ts";

interface MonitorOptions extends FolderOptions {
  readonly filter: readonly string[];
  readonly last: number;
  readonly json?: boolean;
}

/** `monitor`: events as they happen, one a line, until Ctrl-C; none is missed when the daemon restarts. */
export function addMonitorCommand(program: Command, surroundings: Surroundings): void {
  const { stdout, stderr } = surroundings;
  program
    .command("monitor")
    .description("print events as they happen, until Ctrl-C")
    .option(
      "--filter <what>",
      "only these: client=NAME, peer=ADDRESS, mnemonic=BEGINNING, severity=NAME, or a regular expression; may be repeated",
      (value: string, before: readonly string[]) => [...before, value],
      [],
    )
    .option("--last <n>", "begin with so many of the newest events", count, 0)
    .option("--json", "print a JSON document a line")
    .action(async (_options: object, command: Command) => {
      const options = command.optsWithGlobals<MonitorOptions>();
      const folder = runDir(options, surroundings);
      const passes = eventFilter(options.filter);
      const print = (event: StoredEvent) => {
        if (!passes(event)) return;
        stdout.write(options.json ? `${JSON.stringify(event)}\n` : eventLine(event));
      };
      await untilInterrupted(surroundings, async (signal) => {
        // What happens between this answer and the stream comes first in the stream.
        const wanted = Math.max(1, options.last);
        const path = `/api/v1/events?last=${wanted}`;
        const known = await call<readonly StoredEvent[]>(folder, "GET", path);
        if (options.last > 0) known.forEach(print);
        await followEvents({
          runDir: folder,
          path: "/api/v1/events",
          fromId: String(known.at(-1)?.id ?? 0),
          onFrame: ({ data }) => print(JSON.parse(data) as StoredEvent),
          onChange: (isThere) =>
            stderr.write(
              `flexspoke: ${isThere ? "the daemon is there again" : "the daemon is gone, waiting for it"}\n`,
            ),
          signal,
        });
      });
    });
}

function count(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 10_000)
    throw new InvalidArgumentError("It must be a whole number from 0 to 10000.");
  return Number(text);
}

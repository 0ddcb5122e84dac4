import { Argument, type Command } from "commander";
import { type DebugArea, type DebugLine, debugAreas } from "#state/debug.ts";
import { followEvents } from "../event-source.ts";
import {
  type FolderOptions,
  runDir,
  type Surroundings,
  untilInterrupted,
} from "../surroundings.ts";
import { printable } from "../table.ts";
import { group } from "./shown.ts";

interface DebugOptions extends FolderOptions {
  readonly peer?: string;
  readonly client?: string;
  readonly json?: boolean;
}

/** `debug`: what the engines are told and decide, and IKE messages taken apart, until Ctrl-C. Secrets are not in it. */
export function addDebugCommand(program: Command, surroundings: Surroundings): void {
  const run = (areas: readonly DebugArea[], command: Command) =>
    follow(areas, command.optsWithGlobals<DebugOptions>(), surroundings);
  const debug = withConditions(program.command("debug"))
    .description("print what the daemon does while it does it, until Ctrl-C")
    .addArgument(new Argument("[areas...]", "parts to watch; all without one").choices(debugAreas))
    .action((areas: readonly DebugArea[], _options: object, command: Command) =>
      run(areas, command),
    );
  const crypto = group(debug, [["crypto", "IOS spellings"]]);
  withConditions(crypto.command("ikev2"))
    .description("IKEv2")
    .action((_options: object, command: Command) => run(["ikev2"], command))
    .command("client")
    .description("clients")
    .action((_options: object, command: Command) => run(["client"], command));
}

function withConditions(command: Command): Command {
  return command
    .option("--peer <address>", "only what is about this hub")
    .option("--client <client>", "only what is about this client")
    .option("--json", "print a JSON document a line");
}

async function follow(
  areas: readonly DebugArea[],
  options: DebugOptions,
  surroundings: Surroundings,
): Promise<void> {
  const { stdout, stderr } = surroundings;
  const query = new URLSearchParams({
    ...(areas.length > 0 && { areas: areas.join(",") }),
    ...(options.client !== undefined && { client: options.client }),
    ...(options.peer !== undefined && { peer: options.peer }),
  });
  await untilInterrupted(surroundings, (signal) =>
    followEvents({
      runDir: runDir(options, surroundings),
      path: `/api/v1/debug?${query}`,
      onFrame: ({ event, data }) => {
        if (event === "dropped")
          stderr.write(`flexspoke: ${data} lines were too fast and are missing\n`);
        else stdout.write(options.json ? `${data}\n` : debugText(JSON.parse(data) as DebugLine));
      },
      onChange: (isThere) =>
        stderr.write(
          `flexspoke: ${isThere ? "the daemon is there again" : "the daemon is gone, waiting for it"}\n`,
        ),
      signal,
    }),
  );
}

/** `*Nov 24 10:00:00.123: IKEv2:(SESSION ID = 3,SA ID = 3):…`, the lines that belong to it below. UTC, as all times here. */
export function debugText({ time, text }: DebugLine): string {
  const at = new Date(time);
  const day = `${months[at.getUTCMonth()]} ${String(at.getUTCDate()).padStart(2)}`;
  const [first = "", ...more] = text.split("\n").map(printable);
  return [`*${day} ${time.slice(11, 23)}: ${first}`, ...more].map((line) => `${line}\n`).join("");
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

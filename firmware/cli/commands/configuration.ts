import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { parseDuration } from "#config/duration-syntax.ts";
import type { ConfigurationState } from "#state/document-configuration.ts";
import { call } from "../control-socket.ts";
import { CliFault, exitStatus } from "../fault.ts";
import { type FolderOptions, runDir, type Surroundings } from "../surroundings.ts";
import { shortTime } from "../table.ts";

/** `reload`, `commit-confirmed FILE` and `confirm`: changes of the configuration that can't cut the branch off. */
export function addConfigurationCommands(program: Command, surroundings: Surroundings): void {
  const change = async (command: Command, action: string, body?: object) => {
    const folder = runDir(command.optsWithGlobals<FolderOptions>(), surroundings);
    const path = `/api/v1/configuration/${action}`;
    const state = await call<ConfigurationState>(folder, "POST", path, body);
    surroundings.stdout.write(`${outlook(state)}\n`);
  };

  program
    .command("reload")
    .description("read the configuration file anew; what cuts the branch off is undone")
    .action((_options: object, command: Command) => change(command, "reload"));

  program
    .command("commit-confirmed <file>")
    .description(
      "make a file the configuration, and undo it unless it proves itself or is confirmed",
    )
    .option("--within <time>", "how long it has", "5m")
    .action((file: string, { within }: { within: string }, command: Command) => {
      if (!parseDuration(within))
        throw new CliFault(exitStatus.usage, `--within ${within}: not a time (5m, 90s, 1h30m)`);
      return change(command, "commit", { text: textOf(file), within });
    });

  program
    .command("confirm")
    .description("keep the configuration that is on trial")
    .action((_options: object, command: Command) => change(command, "confirm"));
}

/** What happens next, in one line. */
function outlook({ trial }: ConfigurationState): string {
  if (!trial) return "the configuration is in force and stays";
  const { lacking, "undone-at": at, "needs-confirm": needsConfirm } = trial;
  const when = at === undefined ? "" : ` by ${shortTime(at)}`;
  const proof =
    lacking.length > 0
      ? `${lacking.join(", ")} must be up again${when}`
      : needsConfirm
        ? `it must prove itself or be confirmed${when}`
        : `what is up must stay up for a moment`;
  return `the configuration is in force, on trial: ${proof}, or it is undone (\`flexspoke confirm\` keeps it)`;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const reason = isMissing ? "no such file" : String(error);
    throw new CliFault(exitStatus.usage, `${file}: ${reason} (name the new configuration)`);
  }
}

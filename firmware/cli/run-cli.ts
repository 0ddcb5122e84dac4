/** The command line: words in, an exit status out. It knows the local API and nothing of what is behind it. */
import { Command, CommanderError } from "commander";
import { expandAbbreviations } from "./abbreviations.ts";
import { addActionCommands } from "./commands/actions.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addConfigCommands } from "./commands/config.ts";
import { addConfigurationCommands } from "./commands/configuration.ts";
import { addDebugCommand } from "./commands/debug.ts";
import { addDiagnoseCommand } from "./commands/diagnose.ts";
import { addImportCommand } from "./commands/import.ts";
import { addMonitorCommand } from "./commands/monitor.ts";
import { addPasswdCommand } from "./commands/passwd.ts";
import { addRehearseCommand } from "./commands/rehearse.ts";
import { addReplayCommand } from "./commands/replay.ts";
import { addRunCommand } from "./commands/run.ts";
import { addShowCommands } from "./commands/show.ts";
import { addTechSupportCommand } from "./commands/tech-support.ts";
import { addUpdateCommands } from "./commands/update.ts";
import { CliFault, exitStatus } from "./fault.ts";
import { type FilteredOutput, splitPipe } from "./output-filter.ts";
import type { Output, Surroundings } from "./surroundings.ts";

export interface CliInput extends Surroundings {
  /** What stands after the program's name. */
  readonly argv: readonly string[];
}

/**
 * Runs one command.
 * @returns 0 done, 1 failed, 2 wrong usage or configuration, 3 the daemon is not running.
 */
export async function runCli(input: CliInput): Promise<number> {
  let filtered: FilteredOutput | undefined;
  try {
    const { words, filter } = splitPipe(input.argv);
    filtered = filter?.(input.stdout);
    const program = createProgram(filtered ? { ...input, stdout: filtered } : input);
    await program.parseAsync([...expandAbbreviations(program, words)], { from: "user" });
    return exitStatus.done;
  } catch (error) {
    if (error instanceof CommanderError) return usageStatus(error);
    const { status, message } =
      error instanceof CliFault ? error : new CliFault(exitStatus.failed, oneLine(error));
    if (message) input.stderr.write(`flexspoke: ${message}\n`);
    return status;
  } finally {
    filtered?.end();
  }
}

/** The commands, as the parser has them. */
export function createProgram(input: CliInput): Command {
  const { stdout, stderr } = input;
  const program = new Command("flexspoke")
    .description("FlexVPN client: brings branch tunnels up and keeps them up")
    .option("--run-dir <folder>", "run-time folder (FLEXSPOKE_RUN_DIR, /run/flexspoke)")
    .option(
      "--state-dir <folder>",
      "folder of what outlives a reboot (FLEXSPOKE_STATE_DIR, /var/lib/flexspoke)",
    )
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(usageError(text)),
    });
  if (input.version !== undefined) program.version(input.version, "--version", "print the version");
  addRunCommand(program, input);
  addConfigCommands(program, input);
  addShowCommands(program, input);
  addActionCommands(program, input);
  addRehearseCommand(program, input);
  addPasswdCommand(program, input);
  addMonitorCommand(program, input);
  addDebugCommand(program, input);
  addReplayCommand(program, input);
  addConfigurationCommands(program, input);
  addImportCommand(program, input);
  addDiagnoseCommand(program, input);
  addTechSupportCommand(program, input, (argv) => printed(input, argv));
  addUpdateCommands(program, input);
  addCompletionCommand(program, input);
  return program;
}

/** All that another command prints, in the order that it does. */
async function printed(input: CliInput, argv: readonly string[]): Promise<string> {
  let text = "";
  const page: Output = {
    write: (part) => {
      text += part;
    },
  };
  await runCli({ ...input, argv, stdout: page, stderr: page });
  return text;
}

/** Help that was asked for is no fault; help in the place of a missing command is one. */
function usageStatus({ exitCode }: CommanderError): number {
  return exitCode === 0 ? exitStatus.done : exitStatus.usage;
}

/** One line, with what to do next. */
function usageError(text: string): string {
  const line = text
    .trim()
    .replace(/^error: /, "")
    .replace(/\s*\n\s*/g, " ");
  return `flexspoke: ${line} (--help lists what there is)\n`;
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\n\s*/g, " ");
}

import { type Command, Option } from "commander";
import { CliFault } from "../fault.ts";
import {
  defaultConfigFile,
  type FolderOptions,
  type RunOptions,
  runDir,
  type Surroundings,
  stateDir,
} from "../surroundings.ts";

/** `flexspoke run`: hands over to the daemon and ends with its status. */
export function addRunCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("run")
    .description("run the daemon in the foreground")
    .option("-c, --config <file>", "configuration", defaultConfigFile)
    .addOption(
      new Option("--log-level <level>", "least severe line of the log")
        .choices(["error", "warn", "info", "debug"])
        .default("info"),
    )
    .addOption(
      new Option("--log-format <format>", "form of the log")
        .choices(["text", "json"])
        .default("text"),
    )
    .action(async (_options: object, command: Command) => {
      const options = command.optsWithGlobals<
        FolderOptions & Pick<RunOptions, "logLevel" | "logFormat"> & { config: string }
      >();
      const status = await surroundings.runDaemon({
        configFile: options.config,
        stateDir: stateDir(options, surroundings),
        runDir: runDir(options, surroundings),
        logLevel: options.logLevel,
        logFormat: options.logFormat,
      });
      if (status !== 0) throw new CliFault(status, "");
    });
}

/** The program: its arguments to the command line, `run` to the daemon. */
import { runCli } from "#cli/run-cli.ts";
import { version } from "#daemon/version.ts";

runCli({
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  version,
  runDaemon: async (options) => {
    const { runDaemon } = await import("#daemon/run.ts");
    return runDaemon({ ...options, complain: (line) => process.stderr.write(`${line}\n`) });
  },
}).then(
  (status) => {
    process.exitCode = status;
  },
  (error: unknown) => {
    process.stderr.write(
      `flexspoke: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`,
    );
    process.exitCode = 70;
  },
);

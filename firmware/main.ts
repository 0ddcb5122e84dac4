/** The program: its arguments to the command line, `run` to the daemon. */
import type { PasswordInput } from "#cli/password-prompt.ts";
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
  askPassword: async (user) => {
    const { askPassword } = await import("#cli/password-prompt.ts");
    return askPassword(user, process.stdin as PasswordInput, process.stderr);
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

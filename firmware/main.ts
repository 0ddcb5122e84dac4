/** The program: its arguments to the command line, `run` to the daemon. */
import type { PasswordInput } from "#cli/password-prompt.ts";
import { runCli } from "#cli/run-cli.ts";
import { version } from "#daemon/version.ts";

// Whoever reads our output may stop reading: `flexspoke monitor | head`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

runCli({
  argv: process.argv.slice(2),
  stdout: process.stdout,
  stderr: process.stderr,
  get stdin() {
    return process.stdin;
  },
  env: process.env,
  version,
  onInterrupt: (end) => {
    process.once("SIGINT", end).once("SIGTERM", end);
    return () => process.off("SIGINT", end).off("SIGTERM", end);
  },
  runDaemon: async (options) => {
    const { runDaemon } = await import("#daemon/run.ts");
    return runDaemon({ ...options, complain: (line) => process.stderr.write(`${line}\n`) });
  },
  replay: async (recording) => {
    const { replay } = await import("#daemon/replay.ts");
    return replay(recording);
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

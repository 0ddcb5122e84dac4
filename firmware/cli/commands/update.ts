import { createReadStream, statSync } from "node:fs";
import type { Readable } from "node:stream";
import type { Command } from "commander";
import { parseDuration } from "#config/duration-syntax.ts";
import type { UpdateState } from "#state/document-update.ts";
import { call } from "../control-socket.ts";
import { CliFault, exitStatus } from "../fault.ts";
import { ProgressBar } from "../progress-bar.ts";
import { outlookOfUpdate, updateStatus } from "../show/update.ts";
import { type FolderOptions, runDir, type Surroundings } from "../surroundings.ts";
import { upload } from "../upload.ts";

interface InstallOptions extends FolderOptions {
  readonly force?: boolean;
  readonly within?: string;
  readonly restart: boolean;
}

const path = "/api/v1/update";

/** `update FILE`, `update status|rollback|keep`: the system of the appliance. */
export function addUpdateCommands(program: Command, surroundings: Surroundings): void {
  const { stdout } = surroundings;
  const folderOf = (command: Command) =>
    runDir(command.optsWithGlobals<FolderOptions>(), surroundings);

  const update = program
    .command("update")
    .argument("[file]", "update bundle, - for standard input")
    .description("install a signed update of the appliance, restart and try it")
    .option("--force", "whatever its version is")
    .option("--within <time>", "how long it has to bring back what is up")
    .option("--no-restart", "let the next start try it, whenever that is")
    .action(async (file: string | undefined, options: InstallOptions, command: Command) => {
      if (file === undefined)
        throw new CliFault(
          exitStatus.usage,
          "name a bundle, or what to do: update FILE, update status, update rollback, update keep",
        );
      const query = queryOf(options);
      const content = contentOf(file, surroundings);
      const state = await install(folderOf(command), `${path}${query}`, content, surroundings);
      stdout.write(`${outlookOfUpdate(state)}\n`);
    });

  update
    .command("status")
    .description("show the system in both slots and how an update goes")
    .option("--json", "print one JSON document")
    .action(async (_options: object, command: Command) => {
      const { json } = command.optsWithGlobals<{ json?: boolean }>();
      const state = await call<UpdateState>(folderOf(command), "GET", path);
      stdout.write(json ? `${JSON.stringify(state, null, 2)}\n` : updateStatus(state));
    });

  update
    .command("rollback")
    .description("go back to the system from before the last update")
    .action(async (_options: object, command: Command) => {
      const state = await call<UpdateState>(folderOf(command), "POST", `${path}/rollback`);
      const isCalledOff = state.phase === "idle";
      stdout.write(
        isCalledOff
          ? "the update is called off: nothing is tried at the next start\n"
          : "the device restarts into the other system\n",
      );
    });

  update
    .command("keep")
    .description("keep the system on trial without waiting for its proof")
    .action(async (_options: object, command: Command) => {
      await call<UpdateState>(folderOf(command), "POST", `${path}/keep`);
      stdout.write("the system stays\n");
    });
}

/** Sends the bundle and shows meanwhile how far it is. */
async function install(
  folder: string,
  target: string,
  content: Readable,
  { stdout }: Surroundings,
): Promise<UpdateState> {
  const bar = new ProgressBar(stdout);
  const look = async (): Promise<void> => {
    const { incoming } = await call<UpdateState>(folder, "GET", path);
    if (incoming) bar.draw(`${incoming.step} ${incoming.version}`, incoming.done, incoming.total);
  };
  // The answer to the upload says what is wrong; a look that fails says nothing.
  const timer = stdout.isTTY ? setInterval(() => void look().catch(() => {}), PACE_MS) : undefined;
  try {
    return await upload<UpdateState>(folder, target, content);
  } finally {
    clearInterval(timer);
    bar.clear();
  }
}

function queryOf({ force, within, restart }: InstallOptions): string {
  if (within !== undefined && !parseDuration(within))
    throw new CliFault(exitStatus.usage, `--within ${within}: not a time (5m, 90s, 1h30m)`);
  const query = new URLSearchParams({
    ...(force && { force: "yes" }),
    ...(within !== undefined && { within }),
    ...(!restart && { restart: "no" }),
  });
  return query.size > 0 ? `?${query}` : "";
}

function contentOf(file: string, { stdin }: Surroundings): Readable {
  if (file === "-" && stdin) return stdin;
  try {
    if (statSync(file).isFile()) return createReadStream(file, { highWaterMark: 256 * 1024 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new CliFault(exitStatus.usage, `${file}: no such file (name an update bundle)`);
  }
  throw new CliFault(exitStatus.usage, `${file}: not a file (name an update bundle)`);
}

const PACE_MS = 250;

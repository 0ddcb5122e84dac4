import { Argument, type Command } from "commander";
import type { StateDocument } from "#state/document.ts";
import { call } from "../control-socket.ts";
import { type FolderOptions, runDir, type Surroundings } from "../surroundings.ts";

/** `connect`, `disconnect`, `clear client`, `track set` and `rekey`: what changes something. */
export function addActionCommands(program: Command, surroundings: Surroundings): void {
  const act = async (command: Command, client: string, action: string, body?: object) => {
    const folder = runDir(command.optsWithGlobals<FolderOptions>(), surroundings);
    const path = `/api/v1/clients/${encodeURIComponent(client)}/${action}`;
    const { event } = await call<{ readonly event: number }>(folder, "POST", path, body);
    surroundings.stdout.write(`${client}: ${action} begun (event ${event})\n`);
  };

  for (const kind of ["connect", "disconnect"] as const)
    program
      .command(`${kind} <client>`)
      .description(`${kind} a client`)
      .action((client: string, _options: object, command: Command) => act(command, client, kind));

  program
    .command("clear")
    .description("take down and start afresh")
    .command("client [name]")
    .description("one client, or all of them")
    .action(async (name: string | undefined, _options: object, command: Command) => {
      const folder = runDir(command.optsWithGlobals<FolderOptions>(), surroundings);
      const names = name === undefined ? await clientNames(folder) : [name];
      for (const client of names) await act(command, client, "clear");
    });

  program
    .command("track")
    .description("set what is up or down by order")
    .command("set")
    .description("set a stub object")
    .argument("<name>")
    .addArgument(new Argument("<state>", "its new state").choices(["up", "down"]))
    .action(async (name: string, state: string, _options: object, command: Command) => {
      const folder = runDir(command.optsWithGlobals<FolderOptions>(), surroundings);
      const path = `/api/v1/track/${encodeURIComponent(name)}`;
      const { event } = await call<{ readonly event: number }>(folder, "POST", path, { state });
      surroundings.stdout.write(`track ${name}: set ${state} (event ${event})\n`);
    });

  program
    .command("rekey")
    .description("replace the keys of a client's security associations now")
    .addArgument(new Argument("<what>", "which").choices(["ike", "child"]))
    .argument("<client>")
    .action((what: string, client: string, _options: object, command: Command) =>
      act(command, client, "rekey", { what }),
    );
}

async function clientNames(folder: string): Promise<readonly string[]> {
  return Object.keys(await call<StateDocument["clients"]>(folder, "GET", "/api/v1/state/clients"));
}

import { Argument, type Command } from "commander";
import type { StateDocument } from "#state/document.ts";
import { call } from "../control-socket.ts";
import { CliFault, exitStatus } from "../fault.ts";
import { splitEndpoint } from "../ios-layout/names.ts";
import { type FolderOptions, runDir, type Surroundings } from "../surroundings.ts";
import { group } from "./shown.ts";

/** Asks for something of a client and says which event tells of it. */
type Act = (command: Command, client: string, action: string, body?: object) => Promise<void>;

/** `connect`, `disconnect`, `clear`, `track set` and `rekey`, and the IOS spellings: what changes something. */
export function addActionCommands(program: Command, surroundings: Surroundings): void {
  const folderOf = (command: Command) =>
    runDir(command.optsWithGlobals<FolderOptions>(), surroundings);
  const act: Act = async (command, client, action, body) => {
    const path = `/api/v1/clients/${encodeURIComponent(client)}/${action}`;
    const { event } = await call<{ readonly event: number }>(folderOf(command), "POST", path, body);
    surroundings.stdout.write(`${client}: ${action} begun (event ${event})\n`);
  };

  for (const kind of ["connect", "disconnect"] as const)
    program
      .command(`${kind} <client>`)
      .description(`${kind} a client`)
      .action((client: string, _options: object, command: Command) => act(command, client, kind));
  group(program, [
    ["crypto", "IOS spellings of actions"],
    ["ikev2", "IKEv2"],
    ["client", "clients"],
    ["flexvpn", "FlexVPN clients"],
  ])
    .command("connect <client>")
    .description("connect a client")
    .action((client: string, _options: object, command: Command) =>
      act(command, client, "connect"),
    );

  addClear(program, act, folderOf);
  addTrackSet(program, surroundings, folderOf);

  program
    .command("rekey")
    .description("replace the keys of a client's security associations now")
    .addArgument(new Argument("<what>", "which").choices(["ike", "child"]))
    .argument("<client>")
    .action((what: string, client: string, _options: object, command: Command) =>
      act(command, client, "rekey", { what }),
    );
}

function addClear(program: Command, act: Act, folderOf: (command: Command) => string): void {
  const clear = program.command("clear").description("take down and start afresh");
  const clearClients = async (name: string | undefined, _options: object, command: Command) => {
    const names = name === undefined ? await clientNames(folderOf(command)) : [name];
    for (const client of names) await act(command, client, "clear");
  };
  clear.command("client [client]").description("one client, or all of them").action(clearClients);
  const ikev2 = group(clear, [
    ["crypto", "IOS spellings"],
    ["ikev2", "IKEv2"],
  ]);
  group(ikev2, [["client", "clients"]])
    .command("flexvpn [client]")
    .description("one client, or all of them")
    .action(clearClients);
  const sa = ikev2
    .command("sa")
    .description("the clients of all IKE SAs")
    .action((_options: object, command: Command) => clearSas(command, () => true));
  sa.command("remote <address>")
    .description("the client of the IKE SA with this hub")
    .action((address: string, _options: object, command: Command) =>
      clearSas(command, (remote) => splitEndpoint(remote).address === address, address),
    );
  group(clear, [["crypto", "IOS spellings"]])
    .command("session")
    .description("the clients of all IKE SAs")
    .action((_options: object, command: Command) => clearSas(command, () => true));

  async function clearSas(
    command: Command,
    isMeant: (remote: string) => boolean,
    address?: string,
  ): Promise<void> {
    const sas = await call<StateDocument["ike"]>(folderOf(command), "GET", "/api/v1/state/ike");
    const names = new Set(sas.filter(({ remote }) => isMeant(remote)).map(({ client }) => client));
    if (names.size === 0 && address !== undefined)
      throw new CliFault(
        exitStatus.failed,
        `no IKE SA with ${address} (show crypto ikev2 sa lists what there is)`,
      );
    for (const client of names) await act(command, client, "clear");
  }
}

function addTrackSet(
  program: Command,
  surroundings: Surroundings,
  folderOf: (command: Command) => string,
): void {
  program
    .command("track")
    .description("set what is up or down by order")
    .command("set")
    .description("set a stub object")
    .argument("<track>")
    .addArgument(new Argument("<state>", "its new state").choices(["up", "down"]))
    .action(async (name: string, state: string, _options: object, command: Command) => {
      const path = `/api/v1/track/${encodeURIComponent(name)}`;
      const { event } = await call<{ readonly event: number }>(folderOf(command), "POST", path, {
        state,
      });
      surroundings.stdout.write(`track ${name}: set ${state} (event ${event})\n`);
    });
}

async function clientNames(folder: string): Promise<readonly string[]> {
  return Object.keys(await call<StateDocument["clients"]>(folder, "GET", "/api/v1/state/clients"));
}

import type { Command } from "commander";
import type { ClientState, StateDocument } from "#state/document.ts";
import { call } from "../control-socket.ts";
import { rehearsalTable } from "../show/client.ts";
import { type FolderOptions, runDir, type Surroundings } from "../surroundings.ts";

type Results = ClientState["rehearsal"]["results"];

/** `rehearse [NAME]`: tries every peer over every usable source, waits for the end, prints what works. */
export function addRehearseCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("rehearse [client]")
    .description("try every peer over every usable source, moving no traffic")
    .option("--json", "print one JSON document")
    .action(async (client: string | undefined, _options: object, command: Command) => {
      const options = command.optsWithGlobals<FolderOptions & { json?: boolean }>();
      const folder = runDir(options, surroundings);
      const names =
        client === undefined
          ? Object.keys(
              await call<StateDocument["clients"]>(folder, "GET", "/api/v1/state/clients"),
            )
          : [client];
      const done: Record<string, Results> = {};
      for (const name of names) {
        const progress = options.json ? undefined : surroundings.stderr;
        done[name] = await untilDone(folder, name, (text) => progress?.write(`${name}: ${text}\n`));
        if (!options.json) surroundings.stdout.write(`${name}\n${rehearsalTable(done[name])}`);
      }
      if (options.json) surroundings.stdout.write(`${JSON.stringify(done, null, 2)}\n`);
    });
}

/** Follows the rehearsal to its end. @param tell gets a line for each way, as it is found. */
async function untilDone(
  folder: string,
  client: string,
  tell: (text: string) => void,
): Promise<Results> {
  const path = `/api/v1/state/clients/${encodeURIComponent(client)}`;
  let told = new Set((await call<ClientState>(folder, "GET", path)).rehearsal.results.map(keyOf));
  await call(folder, "POST", `/api/v1/clients/${encodeURIComponent(client)}/rehearse`);
  for (;;) {
    const { rehearsal } = await call<ClientState>(folder, "GET", path);
    for (const result of rehearsal.results) if (!told.has(keyOf(result))) tell(lineOf(result));
    told = new Set(rehearsal.results.map(keyOf));
    if (!rehearsal.running) return rehearsal.results;
    await new Promise((resolve) => setTimeout(resolve, PACE_MS));
  }
}

function keyOf({ seq, host, source, at }: Results[number]): string {
  return `${seq} ${host} ${source ?? ""} ${at}`;
}

function lineOf({ host, source, works, reason }: Results[number]): string {
  const way = source === undefined ? host : `${host} from ${source}`;
  return `${way}: ${works ? "works" : "does not work"}${reason === undefined ? "" : `: ${reason}`}`;
}

const PACE_MS = 200;

import type { Command } from "commander";
import type { Diagnosis } from "#state/diagnose/diagnosis.ts";
import type { StateDocument } from "#state/document.ts";
import { call } from "../control-socket.ts";
import { CliFault, exitStatus } from "../fault.ts";
import { diagnosisText } from "../show/diagnosis.ts";
import { type FolderOptions, runDir, type Surroundings } from "../surroundings.ts";
import { pageOf } from "../terminal.ts";

/** `diagnose [NAME]`: why a client is not up, or what failed last. Status 1 when something stands in the way of any. */
export function addDiagnoseCommand(program: Command, surroundings: Surroundings): void {
  program
    .command("diagnose [client]")
    .description("explain why a client is not up, or what failed last, and what to do")
    .option("--json", "print one JSON document")
    .action(async (client: string | undefined, _options: object, command: Command) => {
      const options = command.optsWithGlobals<FolderOptions & { json?: boolean }>();
      const folder = runDir(options, surroundings);
      const names = client === undefined ? await clientNames(folder) : [client];
      const all: Diagnosis[] = [];
      for (const name of names)
        all.push(await call(folder, "GET", `/api/v1/diagnose/${encodeURIComponent(name)}`));
      const page = pageOf(surroundings);
      const json = client === undefined ? all : all[0];
      surroundings.stdout.write(
        options.json
          ? `${JSON.stringify(json, null, 2)}\n`
          : all.map((one) => diagnosisText(one, page)).join("\n"),
      );
      if (all.some(({ healthy }) => !healthy)) throw new CliFault(exitStatus.failed, "");
    });
}

async function clientNames(folder: string): Promise<readonly string[]> {
  return Object.keys(await call<StateDocument["clients"]>(folder, "GET", "/api/v1/state/clients"));
}

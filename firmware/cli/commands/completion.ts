import { Argument, type Command } from "commander";
import { commandTree } from "../command-tree.ts";
import { completionScript, type Shell } from "../completion/completion-script.ts";
import { call } from "../control-socket.ts";
import { type FolderOptions, runDir, type Surroundings } from "../surroundings.ts";

/** Parts of the state document whose names are completed, by the name of the argument. */
const parts: Readonly<Record<string, string>> = {
  client: "clients",
  track: "track",
  sla: "sla",
  dialer: "dialers",
};

/** `completion bash|zsh`, and what its scripts ask for names. Call it when all other commands are there. */
export function addCompletionCommand(program: Command, surroundings: Surroundings): void {
  const { stdout } = surroundings;
  const completion = program
    .command("completion")
    .description("print the completion of a shell: source <(flexspoke completion bash)");
  for (const shell of ["bash", "zsh"] as const satisfies readonly Shell[])
    completion
      .command(shell)
      .description(`for ${shell}`)
      .action(() => {
        stdout.write(completionScript(commandTree(program), shell));
      });
  completion
    .command("names", { hidden: true })
    .description("print the names that there are, one a line")
    .addArgument(new Argument("<kind>", "of what").choices(Object.keys(parts)))
    .action(async (kind: string, _options: object, command: Command) => {
      const folder = runDir(command.optsWithGlobals<FolderOptions>(), surroundings);
      const path = `/api/v1/state/${parts[kind]}`;
      const named = await call<Readonly<Record<string, unknown>>>(folder, "GET", path);
      // A name with a blank or a quote is for nobody to complete.
      for (const name of Object.keys(named))
        if (/^[\w.:@/-]+$/.test(name)) stdout.write(`${name}\n`);
    });
}

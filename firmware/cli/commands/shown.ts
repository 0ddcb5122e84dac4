/** What every `show` has in common: where the data is from, `--json`, and the page that the text is for. */
import type { Command } from "commander";
import { call } from "../control-socket.ts";
import { type FolderOptions, runDir, type Surroundings } from "../surroundings.ts";
import { type Page, pageOf } from "../terminal.ts";

/** What there is to show: once as data for `--json`, once as text. */
export interface Shown {
  readonly json: unknown;
  readonly text: string;
}

/** Asks the daemon. */
export type Get = <Answer>(path: string) => Promise<Answer>;

/** Makes both of what the daemon says. `command` has the arguments and options. */
export type Show = (get: Get, command: Command, page: Page) => Promise<Shown>;

/** Adds a `show` to `parent`. @returns it, for more options. */
export function addShown(
  parent: Command,
  usage: string,
  description: string,
  show: Show,
  surroundings: Surroundings,
): Command {
  return parent
    .command(usage)
    .description(description)
    .option("--json", "print one JSON document")
    .action(async (...received: unknown[]) => {
      const command = received.at(-1) as Command;
      const options = command.optsWithGlobals<FolderOptions & { json?: boolean }>();
      const folder = runDir(options, surroundings);
      const get: Get = (path) => call(folder, "GET", path);
      const { json, text } = await show(get, command, pageOf(surroundings));
      surroundings.stdout.write(options.json ? `${JSON.stringify(json, null, 2)}\n` : text);
    });
}

/** The commands under `words`, made where they are not there yet. */
export function group(parent: Command, words: readonly (readonly [string, string])[]): Command {
  return words.reduce(
    (command, [name, description]) =>
      command.commands.find((each) => each.name() === name) ??
      command.command(name).description(description),
    parent,
  );
}

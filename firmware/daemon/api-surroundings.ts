/** What the local API has around it on this machine: its small documents on flash, and the console of the device. */
import { closeSync, constants, openSync, writeSync } from "node:fs";
import path from "node:path";
import type { ApiOptions } from "#api/server.ts";
import { readDurable, writeDurably } from "./durable-file.ts";

/** @param stateDir exists and is ours to write. */
export function apiSurroundings(stateDir: string): Pick<ApiOptions, "files" | "showOnConsole"> {
  const show = consoleOf();
  return {
    files: {
      read: (name) => readDurable(path.join(stateDir, name)),
      write: (name, text) => writeDurably(path.join(stateDir, name), text),
    },
    ...(show && { showOnConsole: show }),
  };
}

/** The terminal of whoever started the daemon, else the machine's own; never what a log collector reads. */
function consoleOf(): ((text: string) => void) | undefined {
  if (process.stderr.isTTY) return (text) => void process.stderr.write(`${text}\n`);
  try {
    const { O_WRONLY, O_NOCTTY, O_NONBLOCK } = constants;
    closeSync(openSync(CONSOLE, O_WRONLY | O_NOCTTY | O_NONBLOCK));
  } catch {
    // A container has none.
    return undefined;
  }
  return (text) => {
    const terminal = openSync(CONSOLE, "w");
    try {
      writeSync(terminal, `\r\n${text.replaceAll("\n", "\r\n")}\r\n`);
    } finally {
      closeSync(terminal);
    }
  };
}

/** console(4) */
const CONSOLE = "/dev/console";

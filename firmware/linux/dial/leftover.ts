/**
 * Ends what an earlier daemon that was killed had dialled: its program if it still runs, and what the program had set up.
 * Only then may the dialer dial: there are never two.
 */
import { Program, signalGroup } from "./program.ts";
import { type DialTools, type Run, type RunListener, terminated } from "./run.ts";
import { livingPrograms, type RunNote, removeRecord } from "./run-record.ts";

const LOOK_EVERY_MS = 100;

/** Is there anything left to end? Removes the record of a run that is over. */
export function isLeft(dialer: string, note: RunNote, tools: DialTools): boolean {
  const { recordDir } = tools;
  if (note.down || note.kind === "modem-manager") return true;
  if (livingPrograms(recordDir, dialer, note).length > 0) return true;
  removeRecord(recordDir, dialer);
  return false;
}

/** Begins to end it. */
export function endLeftover(
  dialer: string,
  note: RunNote,
  tools: DialTools,
  listener: RunListener,
): Run {
  let signal: NodeJS.Signals = "SIGTERM";
  let current: Program | undefined;
  const send = () => {
    for (const pid of livingPrograms(tools.recordDir, dialer, note)) signalGroup(pid, signal);
    current?.signal(signal);
  };
  const over = () => {
    removeRecord(tools.recordDir, dialer);
    listener.ended(terminated);
  };
  const clearUp = () => {
    const argv =
      note.kind === "modem-manager"
        ? ["mmcli", "-m", note.modem ?? "any", "--simple-disconnect"]
        : note.down;
    if (!argv || signal === "SIGKILL") over();
    else current = new Program({ argv, path: tools.path, onEnd: over });
  };
  const look = () => {
    if (livingPrograms(tools.recordDir, dialer, note).length > 0) setTimeout(look, LOOK_EVERY_MS);
    else clearUp();
  };
  send();
  setTimeout(look, LOOK_EVERY_MS);
  return {
    hangUp: send,
    kill: () => {
      signal = "SIGKILL";
      send();
    },
    interfacesChanged: () => {},
  };
}

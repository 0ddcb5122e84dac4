/** Resets a modem by the program that the dialer names, or by ModemManager. */
import type { ResolvedDialer } from "#config/resolved-dialer.ts";
import { failure } from "./commands.ts";
import { Program } from "./program.ts";
import { type DialTools, done, type Run, type RunListener } from "./run.ts";

/** Starts the reset. It has no line: `up` is never told. */
export function resetModem(dialer: ResolvedDialer, tools: DialTools, listener: RunListener): Run {
  const { line, reset, name, interface: device } = dialer;
  const argv =
    reset ?? (line.kind === "modem-manager" ? ["mmcli", "-m", line.modem, "--reset"] : ["true"]);
  const log = tools.log.with({ dialer: name });
  let said: string | undefined;
  const program = new Program({
    argv,
    path: tools.path,
    env: device === undefined ? {} : { FLEXSPOKE_INTERFACE: device },
    onLine: (text) => {
      log.debug(text);
      said = text;
    },
    onEnd: (end) =>
      listener.ended(end.status === 0 ? done : failure("the reset program", end, said)),
  });
  return {
    hangUp: () => program.signal("SIGTERM"),
    kill: () => program.signal("SIGKILL"),
    interfacesChanged: () => {},
  };
}

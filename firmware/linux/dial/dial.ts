/** The door of dialling: starts the run that fits a dialer. */
import type { ResolvedDialer } from "#config/resolved-dialer.ts";
import { assertNever } from "#lib/assert-never.ts";
import { dialCommands } from "./commands.ts";
import { dialModem } from "./modem-manager.ts";
import { dialPppd } from "./pppd.ts";
import type { DialTools, Run, RunListener } from "./run.ts";

/** Starts to dial. */
export function startDial(dialer: ResolvedDialer, tools: DialTools, listener: RunListener): Run {
  switch (dialer.line.kind) {
    case "pppd":
    case "pppoe":
      return dialPppd(dialer, tools, listener);
    case "modem-manager":
      return dialModem(dialer, tools, listener);
    case "commands":
      return dialCommands(dialer, tools, listener);
    default:
      return assertNever(dialer.line);
  }
}

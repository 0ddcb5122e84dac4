/** What a changed return code says to tracks and to people. */
import { interfaceSubject, slaSubject } from "#state/event.ts";
import { severityOf } from "#state/mnemonics.ts";
import type { SlaAction } from "./actions.ts";
import { returnCodeText, type SlaReturnCode } from "./return-code.ts";

export interface CodeChange {
  readonly operation: string;
  readonly from: SlaReturnCode;
  readonly to: SlaReturnCode;
  readonly reason: string;
  /** Milliseconds. */
  readonly rtt?: number;
  /** The interface whose state is the reason. */
  readonly interface?: string;
}

/**
 * The event first, so that what follows from the change can name it as its cause.
 * @param withheld events that were not told before this one; undefined when this one is not told either.
 */
export function codeChanged(change: CodeChange, withheld: number | undefined): SlaAction[] {
  const { operation, from, to, reason, rtt } = change;
  const subject = slaSubject(operation);
  const changed: SlaAction = { kind: "return-code-changed", operation, code: to, subject };
  if (withheld === undefined) return [changed];
  const silence = withheld > 0 ? ` (${withheld} changes before this one were not told)` : "";
  return [
    {
      kind: "event",
      event: {
        severity: severityOf("FLEXSPOKE-6-SLA_STATE"),
        mnemonic: "FLEXSPOKE-6-SLA_STATE",
        message: `ip sla ${operation} ${returnCodeText[from]} -> ${returnCodeText[to]}: ${reason}${silence}`,
        data: {
          sla: operation,
          from,
          to,
          reason,
          ...(rtt !== undefined && { rtt: Math.round(rtt * 1_000) / 1_000 }),
          ...(withheld > 0 && { withheld }),
        },
        subjects: [subject],
        ...(change.interface !== undefined && { cause: interfaceSubject(change.interface) }),
      },
    },
    changed,
  ];
}

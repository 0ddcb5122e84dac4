import { daemonSubject, type EventDraft, type EventSubject } from "./event.ts";
import { type MnemonicName, severityOf } from "./mnemonics.ts";

/** An event about the daemon itself or its machine. @param cause the subject whose latest event led to it. */
export function daemonEvent(
  mnemonic: MnemonicName,
  message: string,
  data: EventDraft["data"],
  cause?: EventSubject,
): EventDraft {
  return {
    severity: severityOf(mnemonic),
    mnemonic,
    message,
    data,
    subjects: [daemonSubject],
    ...(cause === undefined ? {} : { cause }),
  };
}

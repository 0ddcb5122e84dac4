import { type Endpoint, formatEndpoint } from "#lib/ip.ts";
import type { Log } from "#lib/log.ts";
import { type EventDraft, webSubject } from "#state/event.ts";
import { severityOf } from "#state/mnemonics.ts";
import type { Users } from "./users.ts";

/** The user of a password that was made on the device. */
const FIRST_USER = "admin";

/**
 * Makes the password of a page that the LAN can reach and nobody was given one for. It is shown once, on the console of
 * the device; only its hash is kept. Where there is no console nothing is made, and nobody gets in before
 * `flexspoke passwd --save`.
 */
export async function provideFirstPassword(options: {
  readonly listen: readonly Endpoint[];
  readonly users: Users;
  readonly showOnConsole?: (text: string) => void;
  readonly record?: (event: EventDraft) => void;
  readonly log: Log;
}): Promise<void> {
  const { users, showOnConsole, record, log } = options;
  if (!showOnConsole) {
    log.warn("nobody can log in to the page yet: set a password with `flexspoke passwd --save`");
    return;
  }
  const { hashPassword, inventPassword } = await import("./password.ts");
  const password = inventPassword();
  try {
    users.save(FIRST_USER, await hashPassword(password));
  } catch (error) {
    log.error(`can't keep the first password of the page: ${String(error)}`);
    return;
  }
  const where = options.listen.map(formatEndpoint).join(" and ");
  showOnConsole(
    [
      `The status page on ${where} has its first password, shown this once:`,
      `  user ${FIRST_USER}, password ${password}`,
      "Another one: flexspoke passwd --save",
    ].join("\n"),
  );
  record?.({
    severity: severityOf("FLEXSPOKE-5-PASSWORD_SET"),
    mnemonic: "FLEXSPOKE-5-PASSWORD_SET",
    message: `the first password of ${FIRST_USER} for the page was made and shown on the console`,
    data: { user: FIRST_USER },
    subjects: [webSubject],
  });
}

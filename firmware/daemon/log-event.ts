/** Puts every event into the log as well, so that a collector of log lines misses nothing. */
import type { Log } from "#lib/log.ts";
import type { StoredEvent } from "#state/document.ts";

/** Severities of RFC 5424 that a log line shows as errors and warnings. */
const asError = ["emergency", "alert", "critical", "error"];

export function logEvent(log: Log, event: StoredEvent): void {
  const { id, severity, mnemonic, client, peer, message } = event;
  const fields = {
    event: id,
    ...(client === undefined ? {} : { client }),
    ...(peer === undefined ? {} : { peer }),
  };
  const text = `%${mnemonic}: ${message}`;
  if (asError.includes(severity)) log.error(text, fields);
  else if (severity === "warning") log.warn(text, fields);
  else log.info(text, fields);
}

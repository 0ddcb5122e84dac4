/** What a log line may carry beside its text; secrets mask themselves. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Passed in, never imported; carries area, client, peer and SPIs already. Expensive text is a function. */
export interface Log {
  error(text: string | (() => string), fields?: LogFields): void;
  warn(text: string | (() => string), fields?: LogFields): void;
  info(text: string | (() => string), fields?: LogFields): void;
  debug(text: string | (() => string), fields?: LogFields): void;
  /** The same log with more context on every line. */
  with(fields: LogFields): Log;
}

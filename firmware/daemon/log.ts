/** The daemon's log: one line a fact, as text for a person or as JSON for a collector, on standard output. */
import type { Log, LogFields } from "#lib/log.ts";

export type LogLevel = "error" | "warn" | "info" | "debug";
export type LogFormat = "text" | "json";

const order: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

/** @param write takes one whole line without its end. */
export async function openLog(options: {
  readonly level: LogLevel;
  readonly format: LogFormat;
  readonly write?: (line: string) => void;
}): Promise<Log> {
  const write = options.write ?? ((line) => process.stdout.write(`${line}\n`));
  if (options.format === "text") return textLog(options.level, write, {});
  const { pino } = await import("pino");
  const stream = { write: (line: string) => write(line.trimEnd()) };
  return jsonLog(pino({ level: options.level, base: null }, stream));
}

function textLog(level: LogLevel, write: (line: string) => void, context: LogFields): Log {
  const at = (severity: LogLevel) => (text: string | (() => string), fields?: LogFields) => {
    if (order[severity] > order[level]) return;
    const pairs = Object.entries({ ...context, ...fields }).map(
      ([key, value]) => ` ${key}=${plain(value)}`,
    );
    write(`${new Date().toISOString()} ${severity} ${resolveText(text)}${pairs.join("")}`);
  };
  return {
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    debug: at("debug"),
    with: (fields) => textLog(level, write, { ...context, ...fields }),
  };
}

function jsonLog(logger: import("pino").Logger): Log {
  const at = (severity: LogLevel) => (text: string | (() => string), fields?: LogFields) => {
    if (logger.isLevelEnabled(severity)) logger[severity](fields ?? {}, resolveText(text));
  };
  return {
    error: at("error"),
    warn: at("warn"),
    info: at("info"),
    debug: at("debug"),
    with: (fields) => jsonLog(logger.child(fields)),
  };
}

function resolveText(text: string | (() => string)): string {
  return typeof text === "string" ? text : text();
}

/** Words stay bare, all else is JSON, so that a line reads and still parses. */
function plain(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return /^[\w.:/@%+-]+$/.test(text) ? text : JSON.stringify(text);
}

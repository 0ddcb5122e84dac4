/** A key or an index on the way from the root of the file to a value. */
export type ConfigPath = readonly (string | number)[];

/** What is wrong in the configuration, and where. Never carries a value from the file: it could be a secret. */
export interface ConfigError {
  readonly severity: "error" | "warning";
  /** As the caller named it. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** Empty for a fault of the YAML syntax. */
  readonly path: ConfigPath;
  /** What is wrong, and in parentheses what is allowed. */
  readonly message: string;
}

/** `FILE:LINE:COL: path.to.key: what is wrong (what is allowed)`, one line. */
export function formatConfigError(error: ConfigError): string {
  const path = error.path.length > 0 ? `${formatPath(error.path)}: ` : "";
  const severity = error.severity === "warning" ? "warning: " : "";
  return `${error.file}:${error.line}:${error.column}: ${severity}${path}${error.message}`;
}

/** `clients.hq.peers[0].fqdn`; names that would be misread are quoted. */
export function formatPath(path: ConfigPath): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else text += (text === "" ? "" : ".") + (/^[\w*-]+$/.test(step) ? step : JSON.stringify(step));
  }
  return text;
}

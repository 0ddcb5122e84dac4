/** The calls of the local API that the page makes, and what can come of one. */

/** What a call came to. */
export type Answer<Value> =
  | { readonly is: "ok"; readonly value: Value; readonly at: number | undefined }
  /** Nobody is logged in, or no longer. */
  | { readonly is: "login" }
  /** The daemon says no, in one sentence with what to do. */
  | { readonly is: "refused"; readonly status: number; readonly message: string }
  /** It can't be reached at all. */
  | { readonly is: "away" };

/** Whoever answers later than this is not there. Milliseconds. */
const PATIENCE = 8_000;
/** A small router takes its time over a password, and over the evidence of a diagnosis. */
const LONG_PATIENCE = 30_000;
const slow = /^\/(session|diagnose)\b/;

/** Asks for something. @param path below `/api/v1`, with parts that are encoded. */
export function call<Value>(
  path: string,
  method: "GET" | "POST" | "DELETE" = "GET",
  body?: unknown,
): Promise<Answer<Value>> {
  return asked(path, {
    method,
    signal: AbortSignal.timeout(slow.test(path) ? LONG_PATIENCE : PATIENCE),
    ...(body === undefined
      ? {}
      : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }),
  });
}

/** Sends a file, however long that takes. @param path below `/api/v1`. */
export function send<Value>(path: string, file: Blob): Promise<Answer<Value>> {
  const headers = { "Content-Type": "application/octet-stream" };
  return asked(path, { method: "POST", headers, body: file });
}

async function asked<Value>(path: string, request: RequestInit): Promise<Answer<Value>> {
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, { cache: "no-store", ...request });
  } catch {
    return { is: "away" };
  }
  const text = await response.text().catch(() => "");
  const content = parsed(text);
  const date = Date.parse(response.headers.get("date") ?? "");
  if (response.ok)
    return { is: "ok", value: content as Value, at: Number.isNaN(date) ? undefined : date };
  if (response.status === 401 && path !== "/session") return { is: "login" };
  // A proxy in between answers so when the daemon is gone.
  if (response.status === 502 || response.status === 504) return { is: "away" };
  return { is: "refused", status: response.status, message: reasonIn(content, response.status) };
}

function parsed(text: string): unknown {
  try {
    return text === "" ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonIn(content: unknown, status: number): string {
  const fault = content as { error?: { message?: unknown } } | undefined;
  const message = fault?.error?.message;
  return typeof message === "string" ? message : `the daemon answered with ${status}`;
}

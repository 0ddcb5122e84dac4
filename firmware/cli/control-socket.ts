/** Calls of the local API over the control socket. */
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import type { ApiFault } from "#api/fault.ts";
import { CliFault, exitStatus } from "./fault.ts";

/** How long the daemon may take to answer. Milliseconds; its loop is never blocked for as long as this. */
const ANSWER_TIMEOUT = 10_000;

/**
 * Calls the daemon whose run-time folder is `runDir`.
 * @returns the JSON of the answer; the caller says what it is.
 * @throws {CliFault} when there is no daemon, or it refuses.
 */
export async function call<Answer>(
  runDir: string,
  method: "GET" | "POST" | "PUT",
  path: string,
  body?: unknown,
): Promise<Answer> {
  const { status, text } = await send(join(runDir, "control.sock"), method, path, body);
  if (status >= 200 && status < 300) return parseJson(text) as Answer;
  throw refused(status, text);
}

/**
 * The text of an answer as it is.
 * @returns undefined when the daemon has nothing of the kind.
 * @throws {CliFault} when there is no daemon, or it refuses.
 */
export async function callText(runDir: string, path: string): Promise<string | undefined> {
  const { status, text } = await send(join(runDir, "control.sock"), "GET", path, undefined);
  if (status >= 200 && status < 300) return text;
  if (status === 404) return undefined;
  throw refused(status, text);
}

/** What a daemon that refuses says. Reads the answer to its end. */
export async function refusal(response: IncomingMessage): Promise<CliFault> {
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response) text += String(chunk);
  return refused(response.statusCode ?? 0, text);
}

function refused(status: number, text: string): CliFault {
  const { message = `the daemon answered ${status} (is it of another version?)`, errors = [] } =
    (parseJson(text) as ApiFault | undefined)?.error ?? {};
  if (errors.length === 0) return new CliFault(exitStatus.failed, message);
  return new CliFault(exitStatus.usage, `${message}:\n${errors.join("\n")}`);
}

function send(
  socketPath: string,
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = payload === undefined ? {} : { "Content-Type": "application/json" };
    const outgoing = request({ socketPath, method, path, headers, timeout: ANSWER_TIMEOUT });
    outgoing.once("timeout", () => outgoing.destroy(timedOut(socketPath)));
    outgoing.once("error", (error) => reject(explained(error, socketPath)));
    outgoing.once("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.once("error", (error) => reject(explained(error, socketPath)));
      response.once("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.end(payload);
  });
}

const timedOut = (socketPath: string): CliFault =>
  new CliFault(
    exitStatus.failed,
    `the daemon does not answer on ${socketPath} (look at its log; restart it if it hangs)`,
  );

/** A fault of the socket in words that say what to do; any other error as it is. */
export function explained(error: Error, socketPath: string): Error {
  const { code = "" } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
    case "ECONNREFUSED":
      return new CliFault(
        exitStatus.notRunning,
        `the daemon is not running: nobody answers on ${socketPath} (start it with \`flexspoke run\`, or name its folder with --run-dir)`,
      );
    case "EACCES":
    case "EPERM":
      return new CliFault(exitStatus.failed, `no permission for ${socketPath} (run as root)`);
    case "ECONNRESET":
    case "EPIPE":
      return new CliFault(
        exitStatus.failed,
        "the daemon ended before it answered (look at its log)",
      );
    default:
      return error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not from our daemon; the status says the rest.
    return undefined;
  }
}

/** Calls of the local API over the control socket. */
import { request } from "node:http";
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
  const answer: unknown = parseJson(text);
  if (status >= 200 && status < 300) return answer as Answer;
  const { message = `the daemon answered ${status}` } =
    (answer as ApiFault | undefined)?.error ?? {};
  throw new CliFault(exitStatus.failed, message);
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

function explained(error: Error, socketPath: string): Error {
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

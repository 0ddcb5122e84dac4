/** Sends a file to the daemon as it is read, over the control socket. */
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream";
import { explained, refusal } from "./control-socket.ts";

/**
 * Sends all of `content` as the body of a POST. There is no limit of time: who takes it may be slow.
 * @returns the JSON of the answer; the caller says what it is.
 * @throws {CliFault} when there is no daemon, or it refuses.
 */
export async function upload<Answer>(
  runDir: string,
  path: string,
  content: Readable,
): Promise<Answer> {
  const response = await send(join(runDir, "control.sock"), path, content);
  const { statusCode = 0 } = response;
  if (statusCode < 200 || statusCode >= 300) throw await refusal(response);
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response) text += String(chunk);
  return JSON.parse(text) as Answer;
}

function send(socketPath: string, path: string, content: Readable): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { "Content-Type": "application/octet-stream" };
    const outgoing = request({ socketPath, method: "POST", path, headers });
    outgoing.once("response", resolve);
    // Whoever answers early does not read the rest: the answer says why.
    pipeline(content, outgoing, (error) => {
      if (error) reject(explained(error, socketPath));
    });
  });
}

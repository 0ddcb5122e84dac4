/** A plain HTTP client: what it sends is what the test says, and nothing is followed, kept or added. */
import { type IncomingMessage, request } from "node:http";

export interface Call {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly bytes: Uint8Array;
  /** The body as JSON; undefined when it is none. */
  readonly body: unknown;
}

/** Sends a call. @param target as `node:http` takes it: `socketPath`, or `host` and `port`. */
export function send(target: object, path: string, call: Call = {}): Promise<IncomingMessage> {
  const { method = "GET", headers, body } = call;
  return new Promise((resolve, reject) => {
    const outgoing = request({ ...target, path, method, headers });
    outgoing.once("response", resolve).once("error", reject).end(body);
  });
}

/** Sends a call and reads the answer. */
export async function ask(target: object, path: string, call: Call = {}): Promise<Answer> {
  const response = await send(target, path, call);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const { statusCode: status = 0, headers } = response;
  return { status, headers, bytes, body: parsed(bytes.toString()) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Reads server-sent events of the local API until somebody says stop, over restarts of the daemon.
 * Source: WHATWG HTML §9.2.
 */
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { explained, refusal } from "./control-socket.ts";
import { CliFault, exitStatus } from "./fault.ts";

/** How long to wait before the daemon is looked for again. Milliseconds; a restart takes about a second. */
const PACE = 500;

/** One frame of the stream. */
export interface Frame {
  readonly id: string | undefined;
  /** `message` where the stream does not say. */
  readonly event: string;
  readonly data: string;
}

export interface EventSourceOptions {
  readonly runDir: string;
  readonly path: string;
  /** Id of the last event that is known: those after it come first. */
  readonly fromId?: string;
  readonly onFrame: (frame: Frame) => void;
  /** The daemon went away after it had answered (`false`), or is there again (`true`). */
  readonly onChange?: (isThere: boolean) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Follows a stream; resolves when `signal` says so.
 * @throws {CliFault} when the daemon does not answer the first time, or refuses.
 */
export async function followEvents(options: EventSourceOptions): Promise<void> {
  const { signal, onChange } = options;
  let fromId = options.fromId;
  let wasThere = false;
  const noted: EventSourceOptions["onFrame"] = (frame) => {
    fromId = frame.id ?? fromId;
    options.onFrame(frame);
  };
  while (!signal.aborted) {
    try {
      const response = await open(options, fromId);
      if (wasThere) onChange?.(true);
      wasThere = true;
      await read(response, noted);
    } catch (error) {
      if (signal.aborted) return;
      const isGone = error instanceof CliFault && error.status === exitStatus.notRunning;
      if (!wasThere || !isGone) throw error;
      await pause(signal);
      continue;
    }
    if (signal.aborted) return;
    onChange?.(false);
    await pause(signal);
  }
}

function open(
  { runDir, path, signal }: EventSourceOptions,
  fromId: string | undefined,
): Promise<IncomingMessage> {
  const socketPath = join(runDir, "control.sock");
  return new Promise((resolve, reject) => {
    const headers = {
      Accept: "text/event-stream",
      ...(fromId !== undefined && { "Last-Event-ID": fromId }),
    };
    const outgoing = request({ socketPath, path, headers, signal });
    outgoing.once("error", (error) => reject(explained(error, socketPath)));
    outgoing.once("response", (response) => {
      if (response.statusCode === 200) resolve(response);
      else refusal(response).then(reject, reject);
    });
    outgoing.end();
  });
}

/** Resolves when the stream is over, for whatever reason: it can be taken up again. */
function read(response: IncomingMessage, onFrame: EventSourceOptions["onFrame"]): Promise<void> {
  return new Promise((resolve) => {
    let rest = "";
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      const frames = (rest + chunk).split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames) {
        const read = parseFrame(frame);
        if (read) onFrame(read);
      }
    });
    response.once("error", () => resolve());
    response.once("close", () => resolve());
  });
}

/** @returns undefined for one without data: a comment that keeps the connection alive. */
function parseFrame(text: string): Frame | undefined {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, name = "", value = ""] = /^([a-z]+): ?(.*)$/.exec(line) ?? [];
    const before = fields.get(name);
    fields.set(name, before === undefined ? value : `${before}\n${value}`);
  }
  const data = fields.get("data");
  if (data === undefined) return undefined;
  return { id: fields.get("id"), event: fields.get("event") ?? "message", data };
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, PACE);
    signal.addEventListener("abort", done);
  });
}

import type { DebugCondition, DebugLine } from "#state/debug.ts";
import type { Backend } from "./backend.ts";

/** A reader this many lines behind misses what comes then, and is told how much. */
const MOST_PENDING = 2_000;

/**
 * The live trace as `text/event-stream`. It never holds more than a bounded number of lines: a slow reader gets a frame
 * `event: dropped` with the number of lines in their place.
 * @returns undefined when too many watch already.
 */
export function debugStream(
  backend: Backend,
  condition: DebugCondition,
): ReadableStream<Uint8Array> | undefined {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let dropped = 0;
  const write = (text: string) => controller?.enqueue(encoder.encode(text));
  const tell = (line: DebugLine): void => {
    if ((controller?.desiredSize ?? 0) <= -MOST_PENDING) {
      dropped++;
      return;
    }
    if (dropped > 0) write(`event: dropped\ndata: ${dropped}\n\n`);
    dropped = 0;
    write(`data: ${JSON.stringify(line)}\n\n`);
  };
  const stop = backend.debug?.(condition, tell);
  if (!stop) return undefined;
  return new ReadableStream<Uint8Array>(
    {
      start: (given) => {
        controller = given;
        // Answers the request at once: a reader waits for headers until the first byte.
        write(": flexspoke debug\n\n");
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
}

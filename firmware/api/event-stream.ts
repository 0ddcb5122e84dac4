import type { StoredEvent } from "#state/document.ts";
import type { Backend } from "./backend.ts";

/** A comment at this pace lets both ends notice that the other is gone. Milliseconds. */
const HEARTBEAT = 15_000;
/** A reader this many bytes behind is let go; it resumes by `Last-Event-ID`. */
const MOST_PENDING = 512 * 1024;
/** How soon a browser resumes. Milliseconds. */
const RETRY = 1_000;

/**
 * Events as `text/event-stream`, those after `fromId` first. WHATWG HTML §9.2
 * @param until ends the stream when it is aborted.
 */
export function eventStream(
  backend: Backend,
  fromId?: number,
  until?: AbortSignal,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let stop = (): void => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const write = (text: string): void => {
          if ((controller.desiredSize ?? 0) > -MOST_PENDING) {
            controller.enqueue(encoder.encode(text));
            return;
          }
          stop();
          controller.close();
        };
        // Answers the request at once: a reader waits for headers until the first byte.
        write(`: flexspoke events\nretry: ${RETRY}\n\n`);
        const heartbeat = setInterval(() => write(":\n\n"), HEARTBEAT);
        heartbeat.unref();
        let unsubscribe: (() => void) | undefined;
        let isOver = false;
        const leave = (): void => {
          stop();
          controller.close();
        };
        stop = () => {
          isOver = true;
          until?.removeEventListener("abort", leave);
          clearInterval(heartbeat);
          unsubscribe?.();
        };
        unsubscribe = backend.subscribe((event) => {
          if (!isOver) write(frame(event));
        }, fromId);
        if (isOver) unsubscribe();
        else until?.addEventListener("abort", leave);
      },
      cancel: () => stop(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: 0 }),
  );
}

/** One event of the stream. JSON has no line ends, so one `data` line holds it. */
const frame = (event: StoredEvent): string => `id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`;

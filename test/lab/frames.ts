/** What a machine's client and the process runner on it say to each other; one JSON document a line on a serial port. */

export type Request =
  | {
      readonly id: string;
      readonly do: "run";
      readonly argv: readonly string[];
      readonly netns?: string;
      readonly env?: Readonly<Record<string, string>>;
      readonly cwd?: string;
      /** Base64; closes standard input after it unless `keepInput`. */
      readonly input?: string;
      readonly keepInput?: boolean;
      /** Milliseconds. */
      readonly timeout?: number;
    }
  | { readonly id: string; readonly do: "signal"; readonly signal: string }
  | { readonly id: string; readonly do: "input"; readonly data: string }
  | { readonly id: string; readonly do: "read"; readonly path: string }
  | {
      readonly id: string;
      readonly do: "write";
      readonly path: string;
      readonly data: string;
      readonly mode: number;
    }
  /** One HTTP request over a Unix socket; answered by `done` with the body. */
  | {
      readonly id: string;
      readonly do: "http";
      readonly socket: string;
      readonly method: string;
      readonly path: string;
      readonly body?: string;
    }
  /** A connection to a Unix socket: answered by `started`, then `output` as it comes, `exit` when it is over. */
  | { readonly id: string; readonly do: "connect"; readonly socket: string }
  /** Ends a connection from this side. */
  | { readonly id: string; readonly do: "end" }
  /** Kills everything whose id starts with `id`: its client is gone. */
  | { readonly id: string; readonly do: "hang-up" };

export type Reply =
  | { readonly id: string; readonly is: "hello" }
  | { readonly id: string; readonly is: "started"; readonly pid: number }
  | {
      readonly id: string;
      readonly is: "output";
      readonly stream: "stdout" | "stderr";
      readonly data: string;
    }
  | { readonly id: string; readonly is: "exit"; readonly code: number }
  /** `data` is a file's content in base64; absent when there was none, or after a write. `status` is HTTP's. */
  | { readonly id: string; readonly is: "done"; readonly data?: string; readonly status?: number }
  | { readonly id: string; readonly is: "fault"; readonly message: string };

/** Cuts a stream of bytes into lines and parses each; what isn't JSON is dropped. */
export function frameReader<Frame>(take: (frame: Frame) => void): (chunk: Uint8Array) => void {
  let parts: Uint8Array[] = [];
  return (chunk) => {
    let rest = chunk;
    for (;;) {
      const end = rest.indexOf(0x0a);
      if (end < 0) break;
      parts.push(rest.subarray(0, end));
      const line = Buffer.concat(parts).toString("utf8");
      parts = [];
      rest = rest.subarray(end + 1);
      let frame: Frame | undefined;
      try {
        frame = JSON.parse(line) as Frame;
      } catch {
        // A line that was cut off when the other side went away.
      }
      if (frame !== undefined) take(frame);
    }
    if (rest.length > 0) parts.push(Uint8Array.from(rest));
  };
}

export function encodeFrame(frame: Request | Reply): string {
  return `${JSON.stringify(frame)}\n`;
}

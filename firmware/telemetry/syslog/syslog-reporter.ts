/** Sends every event to a log server. Sources: RFC 5424, RFC 5426 (UDP), RFC 6587 (TCP), RFC 5425 (TLS) */
import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Backend } from "#api/backend.ts";
import type { ResolvedSyslog } from "#config/resolve-syslog.ts";
import { severityOf } from "#state/mnemonics.ts";
import type { Reporter, ReporterContext } from "../reporter.ts";
import { cutTo, logLine, severityNumber } from "./log-line.ts";
import { LogStream } from "./log-stream.ts";

/** Where lines go. */
interface Sink {
  send(line: Uint8Array): void;
  close(): void;
}

/** RFC 5426 §3.2 has receivers take 2,048 bytes; RFC 5425 §4.3.1 has them take 8,192. */
const LONGEST = { udp: 2_048, tcp: 8_192, tls: 8_192 } as const;

/** Begins to report; it goes on through every fault until it is closed. */
export function startSyslog(section: ResolvedSyslog, context: ReporterContext): Reporter {
  const { backend } = context;
  const { hostname } = backend.document();
  const sink = section.transport === "udp" ? udpSink(section) : streamSink(section, context);
  const unsubscribe = backend.subscribe((event) => {
    if (severityNumber(event) > section.severity) return;
    const line = logLine(event, { ...section, hostname });
    sink.send(cutTo(line, LONGEST[section.transport]));
  }, firstOf(backend));
  return {
    close: () => {
      unsubscribe();
      sink.close();
      return Promise.resolve();
    },
  };
}

/** With a daemon that has just started, all of its start; otherwise what comes. */
function firstOf(backend: Backend): number {
  const events = backend.events(LOOK_BACK);
  const newest = events.at(-1);
  const start = events.findLast(({ mnemonic }) => mnemonic === "FLEXSPOKE-5-STARTED");
  const isYoung = start !== undefined && (newest?.uptime ?? 0) < YOUNG_SECONDS;
  return isYoung ? start.id - 1 : (newest?.id ?? 0);
}

const LOOK_BACK = 500;
const YOUNG_SECONDS = 60;

/** Nobody answers: what is lost is lost, as UDP has it. */
function udpSink({ host, port }: ResolvedSyslog): Sink {
  const name = host.kind === "name" ? host.name : host.address;
  const socket = createSocket(isIPv6(name) ? "udp6" : "udp4");
  socket.on("error", () => {});
  socket.unref();
  return {
    send: (line) => socket.send(line, port, name, () => {}),
    close: () => socket.close(),
  };
}

function streamSink(section: ResolvedSyslog, { tie, record }: ReporterContext): Sink {
  const { host, port } = section;
  const server = `${host.kind === "name" ? host.name : host.address} port ${port}`;
  let isTold = false;
  const stream: LogStream = new LogStream({
    farEnd: section,
    tie,
    up: () => {
      isTold = false;
      const mnemonic = "SYS-6-LOGGINGHOST_STARTSTOP";
      record({
        severity: severityOf(mnemonic),
        mnemonic,
        message: `Logging to host ${server} started`,
        data: { server, lost: stream.lost },
      });
    },
    down: (error) => {
      if (isTold) return;
      isTold = true;
      const mnemonic = "SYS-3-LOGGINGHOST_FAIL";
      const code = error instanceof Error && "code" in error ? String(error.code) : "closed";
      record({
        severity: severityOf(mnemonic),
        mnemonic,
        message: `Logging to host ${server} failed: ${code} (is the log server there, is it the right port?)`,
        data: { server, code },
      });
    },
  });
  return stream;
}

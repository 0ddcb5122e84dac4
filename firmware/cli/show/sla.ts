/** IOS: show ip sla statistics; and the same as a table, with what IOS has no place for. */
import { returnCodeText, type SlaReturnCode } from "#sla/return-code.ts";
import type { SlaDetail, SlaState } from "#state/document-sla.ts";
import { list, printable, shortTime, table } from "../table.ts";
import type { Page, Tone } from "../terminal.ts";

type Operations = Readonly<Record<string, SlaState>>;

/** All operations, one a line. */
export function slaTable(operations: Operations, page?: Page): string {
  return table(
    Object.entries(operations),
    [
      { title: "SLA", cell: ([name]) => name },
      { title: "TYPE", cell: ([, one]) => one.type },
      { title: "TARGET", cell: ([, one]) => one.target },
      { title: "SOURCE", cell: ([, one]) => one["source-interface"] },
      { title: "EVERY", cell: ([, one]) => every(one.frequency), align: "right" },
      {
        title: "RETURN CODE",
        cell: ([, one]) => returnCodeText[one["return-code"]],
        tone: ([, one]) => toneOf(one),
      },
      { title: "SINCE", cell: ([, one]) => shortTime(one.since) },
      { title: "RTT", cell: ([, one]) => milliseconds(one.rtt?.latest), align: "right" },
      { title: "AVG", cell: ([, one]) => milliseconds(one.rtt?.avg), align: "right" },
      { title: "JITTER", cell: ([, one]) => milliseconds(one.jitter), align: "right" },
      { title: "LOSS", cell: ([, one]) => percent(one.loss), align: "right" },
      { title: "OK", cell: ([, one]) => one.successes, align: "right" },
      { title: "FAILED", cell: ([, one]) => one.failures, align: "right" },
    ],
    page,
  );
}

/** One operation with everything known of it, and its latest results, newest last. */
export function slaDetail(name: string, operation: SlaDetail, page?: Page): string {
  const { rtt } = operation;
  const facts = list([
    ["SLA", name],
    ["Type", operation.type],
    ["Target", operation.target],
    ["Source interface", operation["source-interface"] ?? "by routing table"],
    ["Frequency", every(operation.frequency)],
    ["Timeout", every(operation.timeout)],
    ["Threshold", every(operation.threshold)],
    ["Packets", operation.packets],
    ["Return code", returnCodeText[operation["return-code"]]],
    ["Since", shortTime(operation.since)],
    ["Reason", operation.reason],
    ["Successes", operation.successes],
    ["Failures", operation.failures],
    ["Latest RTT", milliseconds(rtt?.latest)],
    ["Least, mean, most", rtt && [rtt.min, rtt.avg, rtt.max].map(milliseconds).join(", ")],
    ["Jitter", milliseconds(operation.jitter)],
    ["Loss", percent(operation.loss)],
  ]);
  const results = table(
    operation.history.results.slice(-SHOWN_RESULTS),
    [
      { title: "TIME", cell: ({ time }) => shortTime(time) },
      { title: "RETURN CODE", cell: (one) => returnCodeText[one["return-code"]] },
      { title: "RTT", cell: (one) => milliseconds(one.rtt), align: "right" },
    ],
    page,
  );
  return `${facts}\n${results}`;
}

/** The layout of IOS; jitter and loss are lines of our own, for runs of several packets. */
export function slaStatistics(operations: Operations): string {
  const blocks = Object.entries(operations).map(([name, one]) => {
    const lines = [
      `IPSLA operation id: ${name}`,
      `        Latest RTT: ${latestRtt(one)}`,
      `Latest operation start time: ${one["latest-start"] ? iosTime(one["latest-start"]) : "Not started"}`,
      `Latest operation return code: ${returnCodeText[one["return-code"]]}`,
      ...(one.packets > 1
        ? [`Jitter: ${milliseconds(one.jitter) ?? "-"}`, `Packet loss: ${percent(one.loss)}`]
        : []),
      `Number of successes: ${one.successes}`,
      `Number of failures: ${one.failures}`,
      "Operation time to live: Forever",
    ];
    return `${lines.map(printable).join("\n")}\n`;
  });
  return ["IPSLAs Latest Operation Statistics\n", ...blocks].join("\n");
}

/** IOS prints whole milliseconds, and this where there is no answer. */
function latestRtt({ rtt, "return-code": code }: SlaState): string {
  if (rtt?.latest !== undefined) {
    const whole = Math.round(rtt.latest);
    return `${whole} millisecond${whole === 1 ? "" : "s"}`;
  }
  return withoutRtt.includes(code) ? "NoConnection/Busy/Timeout" : "Unknown";
}

const withoutRtt: readonly SlaReturnCode[] = ["timeout", "no-connection", "busy"];

/** `12:23:42 UTC Tue Nov 24 2026` */
function iosTime(time: string): string {
  const [weekday, day, month, year, clock] = new Date(time).toUTCString().split(/,? /);
  return `${clock} UTC ${weekday} ${month} ${Number(day)} ${year}`;
}

function milliseconds(value: number | undefined): string | undefined {
  if (value === undefined) return undefined;
  const digits = value < 1 ? 2 : value < 100 ? 1 : 0;
  return `${value.toFixed(digits)} ms`;
}

function toneOf({ "return-code": code }: SlaState): Tone {
  if (code === "ok") return "good";
  return code === "over-threshold" ? "busy" : "bad";
}

const percent = (share: number): string => `${Math.round(share * 1_000) / 10}%`;

function every(value: number): string {
  return value % 1_000 === 0 ? `${value / 1_000} s` : `${value} ms`;
}

const SHOWN_RESULTS = 20;

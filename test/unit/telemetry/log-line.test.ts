import { expect, test } from "vitest";
import type { StoredEvent } from "#state/document.ts";
import { cutTo, logLine } from "#telemetry/syslog/log-line.ts";

const event: StoredEvent = {
  id: 812,
  time: "2026-11-04T03:12:09.120Z",
  uptime: 5,
  severity: "informational",
  mnemonic: "FLEXVPN-6-FLEXVPN_CONNECTION_DOWN",
  client: "hq",
  peer: "hub1.example.net",
  message: 'FlexVPN(hq) says "no]"',
  data: { cause: 811 },
};
const options = { facility: 23, hostname: "branch12" } as const;

test("IOS: sequence number, origin, time stamp, mnemonic, text", () => {
  expect(logLine(event, { ...options, format: "ios" })).toBe(
    '<190>812: branch12: Nov  4 03:12:09.120 UTC: %FLEXVPN-6-FLEXVPN_CONNECTION_DOWN: FlexVPN(hq) says "no]"',
  );
});

test("RFC 5424: the event's fields are structured data, its cause among them", () => {
  expect(logLine(event, { ...options, format: "rfc5424" })).toBe(
    '<190>1 2026-11-04T03:12:09.120Z branch12 flexspoke - FLEXVPN_CONNECTION_DOWN [event@32473 id="812" mnemonic="FLEXVPN-6-FLEXVPN_CONNECTION_DOWN" client="hq" peer="hub1.example.net" cause="811"] \uFEFFFlexVPN(hq) says "no]"',
  );
});

test("what would end a value is escaped, and a line stays one line", () => {
  const odd = { ...event, client: 'a"]\\b', message: "one\r\ntwo\u0000" };
  const line = logLine(odd, { ...options, format: "rfc5424" });
  expect(line).toContain('client="a\\"\\]\\\\b"');
  expect(line).not.toMatch(/\p{Cc}/u);
});

test("a long line is cut between characters", () => {
  const text = new TextDecoder("utf-8", { fatal: true }).decode(cutTo("aé€😀".repeat(10), 25));
  expect("aé€😀".repeat(10).startsWith(text)).toBe(true);
});

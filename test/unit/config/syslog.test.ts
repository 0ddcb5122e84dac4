import { expect, test } from "vitest";
import { check, load, withLines } from "./branch-files.ts";

const syslog = (keys: string): string => withLines("end", `syslog: { ${keys} }`);

test("a server's address is all that is needed", () => {
  expect(load(syslog("server: udp://10.0.0.5")).resolved.syslog).toEqual({
    transport: "udp",
    host: { kind: "address", address: "10.0.0.5" },
    port: 514,
    format: "ios",
    facility: 23,
    severity: 6,
  });
});

test.each([
  ["tcp://logs.example.net", 601],
  ["tls://logs.example.net", 6514],
  ["tls://logs.example.net:7000", 7000],
])("%s has port %d", (server, port) => {
  expect(load(syslog(`server: "${server}"`)).resolved.syslog).toMatchObject({ port });
});

test.each([
  ["server: http://10.0.0.5", "syslog.server: not a log server's address"],
  ["server: udp://10.0.0.5, ca: x.pem", "syslog.ca: the connection is in clear"],
  ["server: udp://10.0.0.5, facility: local9", "syslog.facility: not one of the known values"],
  ["format: ios", "syslog.server: is required"],
])("%s is refused where it stands", (keys, expected) => {
  expect(check(syslog(keys)).errors[0]).toContain(expected);
});
